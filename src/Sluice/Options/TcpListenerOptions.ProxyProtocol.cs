namespace Sluice;

public sealed partial class TcpListenerOptions
{
    /// <summary>
    /// Gets or sets the options of the PROXY protocol. The header of each connection is read before an accept returns it:
    /// <see cref="StreamSocket.RemoteEndPoint"/> is then the client's, and <see cref="StreamSocket.TransportRemoteEndPoint"/> the proxy's. Default: null, no
    /// header is expected.
    /// </summary>
    public ProxyProtocolOptions? ProxyProtocol { get; set; }
}
