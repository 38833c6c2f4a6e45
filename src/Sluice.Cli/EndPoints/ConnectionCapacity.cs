using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Says how many connections the descriptors of the process allow, if each of them needs several.</summary>
internal static class ConnectionCapacity
{
    // Those of the process itself are counted once, before there are connections. Without the reserve, which is for what it opens later.
    private static readonly int s_free = ServeOptions.DefaultMaxConnections == int.MaxValue ? int.MaxValue : Math.Max(ServeOptions.DefaultMaxConnections - CountOpen(), 0);

    /// <summary>Gets the most connections that leave the reserve of descriptors free.</summary>
    /// <param name="listen">Where the connections come from.</param>
    /// <param name="others">The descriptors that each connection needs besides that of its client.</param>
    public static int Of(Address listen, int others) => Of(s_free, OfClient(listen.Kind) + others);

    /// <summary>Gets the descriptors that a link to an end point needs while it is open.</summary>
    public static int OfLink(AddressKind kind) => kind == AddressKind.Command ? CommandLink.Descriptors : 1;

    /// <summary>Divides descriptors among connections.</summary>
    internal static int Of(int descriptors, int each) => descriptors == int.MaxValue ? descriptors : Math.Max(descriptors / Math.Max(each, 1), 1);

    // The peers of a datagram socket share it.
    private static int OfClient(AddressKind kind) => kind == AddressKind.Udp ? 0 : 1;

    // A new descriptor has the lowest free number (POSIX, 2.14), so at least as many are open.
    private static int CountOpen()
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return (int)probe.Handle;
    }
}
