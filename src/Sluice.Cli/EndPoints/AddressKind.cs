namespace Sluice.Cli.EndPoints;

/// <summary>The kinds of end points that the command line can name.</summary>
[Flags]
internal enum AddressKind
{
    /// <summary>TCP: <c>host:port</c> or <c>tcp://host:port</c>.</summary>
    Tcp = 1,

    /// <summary>TLS over TCP: <c>tls://host:port</c>.</summary>
    Tls = 2,

    /// <summary>UDP: <c>udp://host:port</c>.</summary>
    Udp = 4,

    /// <summary>A Unix domain socket: <c>unix:/path</c> or <c>unix:@abstract</c>.</summary>
    Unix = 8,

    /// <summary>A descriptor that the process has inherited: <c>fd:3</c>.</summary>
    Descriptor = 16,

    /// <summary>The standard input and output of a command: <c>exec:CMD</c>.</summary>
    Command = 32,

    /// <summary>The standard input and output of this process: <c>-</c>.</summary>
    Standard = 64,

    /// <summary>The kinds a socket can listen at for streams.</summary>
    StreamListeners = Tcp | Tls | Unix,

    /// <summary>The kinds that can be stream sockets.</summary>
    Streams = StreamListeners | Descriptor,

    /// <summary>The kinds that have a host and a port, and connections.</summary>
    TcpStreams = Tcp | Tls,

    /// <summary>The kinds that are sockets with an address.</summary>
    Sockets = StreamListeners | Udp,

    /// <summary>Every kind.</summary>
    All = Sockets | Descriptor | Command | Standard,
}
