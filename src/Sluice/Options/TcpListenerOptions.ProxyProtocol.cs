namespace Sluice;

public sealed partial class TcpListenerOptions
{
    /// <summary>
    /// Reads the header of the PROXY protocol from each connection before it is handed out: <see cref="StreamSocket.RemoteEndPoint"/> is then
    /// the client's, <see cref="StreamSocket.TransportRemoteEndPoint"/> the proxy's. Read once, when the listener is made. Default: null, none
    /// is expected.
    /// </summary>
    public ProxyProtocolOptions? ProxyProtocol { get; set; }
}
