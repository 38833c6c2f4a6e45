using System.Net.Sockets;

namespace Sluice;

public sealed partial class UnixSocketBuilder
{
    /// <summary>
    /// Connects as <see cref="ConnectAsync(string, Action{StreamSocketOptions}?, CancellationToken)"/> does, for APIs that need a <see cref="Stream"/>, such
    /// as <see cref="System.Net.Http.SocketsHttpHandler.ConnectCallback"/>.
    /// </summary>
    /// <inheritdoc cref="ConnectAsync(string, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    /// <returns>
    /// The stream, which owns its connection: its disposal closes the connection; see <see cref="Connection.AsStream"/>.
    /// </returns>
    /// <inheritdoc cref="ConnectAsync(string, Action{StreamSocketOptions}?, CancellationToken)" path="/exception"/>
    public ValueTask<Stream> ConnectStreamAsync(
        string path, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(path, configure, cancellationToken));

    /// <inheritdoc cref="ConnectStreamAsync(string, Action{StreamSocketOptions}?, CancellationToken)" path="/*[not(self::param)]"/>
    /// <inheritdoc cref="ConnectAsync(UnixDomainSocketEndPoint, Action{StreamSocketOptions}?, CancellationToken)" path="/param"/>
    public ValueTask<Stream> ConnectStreamAsync(
        UnixDomainSocketEndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        StreamSocket.OpenStreamAsync(ConnectAsync(endPoint, configure, cancellationToken));
}
