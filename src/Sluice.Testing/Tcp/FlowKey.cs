using System.Net;

namespace Sluice.Testing.Tcp;

/// <summary>The two ends of a connection, as one of its kernels looks it up.</summary>
internal readonly record struct FlowKey(IPAddress LocalAddress, int LocalPort, IPAddress RemoteAddress, int RemotePort)
{
    public FlowKey(IPEndPoint local, IPEndPoint remote)
        : this(local.Address, local.Port, remote.Address, remote.Port)
    {
    }

    // Most connections of a host differ in the remote port, or in the local one.
    public override int GetHashCode() => HashOf(LocalPort, RemotePort);

    private static int HashOf(int local, int remote) => unchecked((local * 65_537) ^ remote);
}
