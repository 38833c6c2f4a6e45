namespace Sluice;

/// <summary>Options of a Unix domain datagram socket, set before it is bound or connected. What IP alone has is passed over.</summary>
public sealed class UnixDatagramOptions : DatagramSocketOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public UnixDatagramOptions()
    {
    }

    /// <summary>
    /// Who may send: the permissions of the socket's file; sending needs write permission on Linux (unix(7)). They hold before the first
    /// datagram can come. Default: null, what the process's umask leaves. An abstract name has no file, and no permissions.
    /// </summary>
    public UnixFileMode? FileMode
    {
        get;
        set => field = UnixListenerOptions.ThrowIfNoMode(value);
    }

    /// <summary>Whether the socket's file goes when the socket is closed, if it is the socket's own by then. Default: true.</summary>
    public bool DeleteOnClose { get; set; } = true;
}
