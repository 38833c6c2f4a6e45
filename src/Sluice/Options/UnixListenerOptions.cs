using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a Unix domain listener, and of the connections that it accepts.</summary>
public sealed partial class UnixListenerOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public UnixListenerOptions()
        : this(new StreamSocketOptions())
    {
    }

    internal UnixListenerOptions(StreamSocketOptions accepted) => Accepted = new StreamSocketOptions(accepted);

    /// <summary>
    /// Gets or sets the number of connections that the kernel queues for an accept (listen(2)). The system may cap it, on Linux at
    /// <c>net.core.somaxconn</c>. Default: <see cref="TcpListenerOptions.DefaultBacklog"/>.
    /// </summary>
    public int Backlog
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = TcpListenerOptions.DefaultBacklog;

    /// <summary>
    /// Gets or sets the permissions of the socket's file: on Linux, a client needs write permission (unix(7)). They are in force before the first connection can
    /// be made. Default: null, as the process's umask allows. An abstract name has no file and no permissions. On a system without file modes, a bind throws
    /// <see cref="PlatformNotSupportedException"/>.
    /// </summary>
    public UnixFileMode? FileMode
    {
        get;
        set => field = ThrowIfNoMode(value);
    }

    /// <summary>
    /// Gets or sets a value indicating whether the close of the listener deletes the socket's file, if the file is still the listener's own. Default: true.
    /// </summary>
    public bool DeleteOnClose { get; set; } = true;

    /// <summary>
    /// Gets the options of accepted connections. They start as set by <see cref="UnixSocketBuilder.Configure"/>. Options of TCP and IP, such as
    /// <see cref="StreamSocketOptions.NoDelay"/>, are ignored.
    /// </summary>
    public StreamSocketOptions Accepted { get; }

    internal static UnixFileMode? ThrowIfNoMode(UnixFileMode? value)
    {
        const UnixFileMode all = (UnixFileMode)0xfff;
        return value is { } mode && (mode & ~all) != 0
            ? throw new ArgumentOutOfRangeException(nameof(value), value, "The value has bits that are not file permissions.")
            : value;
    }
}
