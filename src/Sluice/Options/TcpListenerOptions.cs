using Sluice.Options;

namespace Sluice;

/// <summary>Options of a listener, and of what it accepts.</summary>
public sealed partial class TcpListenerOptions : SocketOptions
{
    /// <summary>The default of <see cref="Backlog"/>: 511, as nginx and libuv have it.</summary>
    public const int DefaultBacklog = 511;

    /// <summary>Creates options with the defaults.</summary>
    public TcpListenerOptions()
        : this(new StreamSocketOptions())
    {
    }

    internal TcpListenerOptions(StreamSocketOptions accepted)
        : base(accepted)
    {
        ReuseAddress |= !OperatingSystem.IsWindows();
        Accepted = new StreamSocketOptions(accepted);
    }

    /// <summary>
    /// How many connections the kernel keeps ready to be accepted (listen(2)). The system may cap it, on Linux at
    /// <c>net.core.somaxconn</c>. Default: <see cref="DefaultBacklog"/>.
    /// </summary>
    public int Backlog
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultBacklog;

    /// <summary>What each accepted connection gets. Starts as what <see cref="TcpSocketBuilder.Configure"/> said.</summary>
    public StreamSocketOptions Accepted { get; }
}
