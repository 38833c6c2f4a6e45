namespace Sluice.Hosting.Connections;

/// <summary>The feature of a connection that runs on Sluice: its socket, for what that knows beyond Kestrel's features.</summary>
public interface IStreamSocketFeature
{
    /// <summary>
    /// The socket: live options, <see cref="StreamSocket.GetTcpInfo"/>, <see cref="StreamSocket.PeerCredentials"/>,
    /// <see cref="StreamSocket.ProxyHeader"/>. Its bytes belong to the connection's transport.
    /// </summary>
    StreamSocket Socket { get; }
}
