using Sluice.Options;

namespace Sluice;

/// <summary>Options of a listener on a Unix domain socket, and of what it accepts.</summary>
public sealed partial class UnixListenerOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public UnixListenerOptions()
        : this(new StreamSocketOptions())
    {
    }

    internal UnixListenerOptions(StreamSocketOptions accepted) => Accepted = new StreamSocketOptions(accepted);

    /// <summary>
    /// How many connections the kernel keeps ready to be accepted (listen(2)). The system may cap it, on Linux at
    /// <c>net.core.somaxconn</c>. Default: <see cref="TcpListenerOptions.DefaultBacklog"/>.
    /// </summary>
    public int Backlog
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = TcpListenerOptions.DefaultBacklog;

    /// <summary>
    /// Who may connect: the permissions of the socket's file; connecting needs write permission on Linux (unix(7)). They hold before the
    /// first connection can be made. Default: null, what the process's umask leaves. An abstract name has no file, and no permissions.
    /// Where files have none, binding throws <see cref="PlatformNotSupportedException"/>.
    /// </summary>
    public UnixFileMode? FileMode
    {
        get;
        set => field = ThrowIfNoMode(value);
    }

    /// <summary>
    /// Whether the socket's file goes when the listener is closed, if it is the listener's own by then. Default: true.
    /// </summary>
    public bool DeleteOnClose { get; set; } = true;

    /// <summary>
    /// What each accepted connection gets. Starts as what <see cref="UnixSocketBuilder.Configure"/> said. What TCP and IP alone have
    /// (<see cref="StreamSocketOptions.NoDelay"/>, for one) is passed over.
    /// </summary>
    public StreamSocketOptions Accepted { get; }

    internal static UnixFileMode? ThrowIfNoMode(UnixFileMode? value)
    {
        const UnixFileMode all = (UnixFileMode)0xfff;
        return value is { } mode && (mode & ~all) != 0
            ? throw new ArgumentOutOfRangeException(nameof(value), value, "These are no file permissions.")
            : value;
    }
}
