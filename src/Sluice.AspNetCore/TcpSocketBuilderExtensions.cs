using System.Net.Sockets;

namespace Sluice;

/// <summary>Sluice's sockets for the framework's clients.</summary>
public static class TcpSocketBuilderExtensions
{
    /// <summary>
    /// A callback for <see cref="SocketsHttpHandler.ConnectCallback"/>: <see cref="HttpClient"/> over Sluice, with the builder's options, its
    /// proxies and the way it tries the addresses of a name (RFC 8305). TLS and pooling stay with the handler.
    /// </summary>
    /// <param name="builder">What makes the connections.</param>
    /// <returns>
    /// The callback. It suspends until the connection is there; what it throws (<see cref="SocketException"/>,
    /// <see cref="TimeoutException"/>, <see cref="OperationCanceledException"/>), the client wraps in an <see cref="HttpRequestException"/>.
    /// Its streams own their connections: disposing one sends what was written, and closes the connection within
    /// <see cref="StreamSocketOptions.CloseTimeout"/>.
    /// </returns>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> ToConnectCallback(this TcpSocketBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return (context, cancellationToken) => builder.ConnectStreamAsync(context.DnsEndPoint, null, cancellationToken);
    }
}
