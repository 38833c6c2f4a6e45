using System.Net.Sockets;

namespace Sluice;

/// <summary>Connects the framework's HTTP clients through Sluice.</summary>
public static class TcpSocketBuilderExtensions
{
    /// <summary>
    /// Creates a callback for <see cref="SocketsHttpHandler.ConnectCallback"/>, which runs <see cref="HttpClient"/> over Sluice with the builder's options
    /// and Happy Eyeballs (RFC 8305). The handler keeps doing TLS and pooling.
    /// </summary>
    /// <param name="builder">Makes the connections.</param>
    /// <returns>
    /// The callback. <see cref="HttpClient"/> wraps its exceptions (<see cref="SocketException"/>, <see cref="TimeoutException"/>,
    /// <see cref="OperationCanceledException"/>) in an <see cref="HttpRequestException"/>. Its streams own their connections: disposing a stream sends
    /// written data and closes the connection within <see cref="StreamSocketOptions.CloseTimeout"/>.
    /// </returns>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> ToConnectCallback(this TcpSocketBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return (context, cancellationToken) => builder.ConnectStreamAsync(context.DnsEndPoint, null, cancellationToken);
    }
}
