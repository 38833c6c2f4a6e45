namespace Sluice.Hosting.Connections;

/// <summary>Gives access to the socket of a connection that runs on Sluice.</summary>
public interface IStreamSocketFeature
{
    /// <summary>
    /// Gets the socket, for its live options, <see cref="StreamSocket.GetTcpInfo"/>, <see cref="StreamSocket.PeerCredentials"/> and
    /// <see cref="StreamSocket.ProxyHeader"/>. Do not read or write it: the connection's transport does.
    /// </summary>
    StreamSocket Socket { get; }
}
