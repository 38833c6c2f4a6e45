using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a TCP listener, and of the connections that it accepts.</summary>
public sealed partial class TcpListenerOptions : SocketOptions
{
    /// <summary>The default of <see cref="Backlog"/>: 511, the same as in nginx and libuv.</summary>
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
    /// Gets or sets the number of connections that the kernel queues for an accept (listen(2)). The system may cap it, on Linux at
    /// <c>net.core.somaxconn</c>. Default: <see cref="DefaultBacklog"/>.
    /// </summary>
    public int Backlog
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultBacklog;

    /// <summary>Gets the options of accepted connections. They start as set by <see cref="TcpSocketBuilder.Configure"/>.</summary>
    public StreamSocketOptions Accepted { get; }
}
