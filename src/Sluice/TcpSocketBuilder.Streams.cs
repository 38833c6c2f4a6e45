using System.Net;

namespace Sluice;

public sealed partial class TcpSocketBuilder
{
    /// <summary>
    /// Connects as <see cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)"/> does, for APIs that need a <see cref="Stream"/>, such
    /// as <see cref="System.Net.Http.SocketsHttpHandler.ConnectCallback"/>.
    /// </summary>
    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    /// <returns>
    /// The stream, which owns its connection: its disposal closes the connection; see <see cref="Connection.AsStream"/>.
    /// </returns>
    /// <inheritdoc cref="ConnectAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/exception"/>
    public ValueTask<Stream> ConnectStreamAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(host, port, configure, cancellationToken));

    /// <inheritdoc cref="ConnectStreamAsync(string, int, Action{StreamSocketOptions}?, CancellationToken)" path="/*[not(self::param)]"/>
    /// <inheritdoc cref="ConnectAsync(EndPoint, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    public ValueTask<Stream> ConnectStreamAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(endPoint, configure, cancellationToken));
}
