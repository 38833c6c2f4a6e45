namespace Sluice.Hosting.Connections;

/// <summary>Options of ASP.NET Core's connections on Sluice, including Kestrel's. They are read once, when the first listener or connection is created.</summary>
public sealed class SluiceTransportOptions
{
    /// <summary>The default of <see cref="MaxReadBufferSize"/>: 1 MiB, like Kestrel's own transport.</summary>
    public const long DefaultMaxReadBufferSize = 1024 * 1024;

    /// <summary>The default of <see cref="MaxWriteBufferSize"/>: 64 KiB, like Kestrel's own transport.</summary>
    public const long DefaultMaxWriteBufferSize = 64 * 1024;

    /// <summary>
    /// Gets or sets the manager that runs the sockets; the caller owns it. Default: null, for the <see cref="SelectorManager"/> of the services, which
    /// Kestrel, connection factories and socket servers share, and which is disposed with the services.
    /// </summary>
    public SelectorManager? Selector { get; set; }

    /// <summary>
    /// Gets or sets a delegate that changes the options of the services' manager, after
    /// <see cref="Microsoft.Extensions.DependencyInjection.SocketServerServiceCollectionExtensions.AddSluice"/>. Ignored if <see cref="Selector"/> is
    /// set. Default: null.
    /// </summary>
    public Action<SelectorOptions>? ConfigureSelector { get; set; }

    /// <summary>
    /// Gets or sets how many bytes the portable engine reads ahead of the application; it must, to notice that the peer is gone. Null: no limit.
    /// The epoll engine reads only when the application does. Default: <see cref="DefaultMaxReadBufferSize"/>.
    /// </summary>
    public long? MaxReadBufferSize
    {
        get;
        set => field = Check(value);
    } = DefaultMaxReadBufferSize;

    /// <summary>
    /// Gets or sets how many bytes may wait to be sent when a flush completes; with more, the flush waits until the peer has read. Null: no limit.
    /// 0: until the system has taken everything. Default: <see cref="DefaultMaxWriteBufferSize"/>.
    /// </summary>
    public long? MaxWriteBufferSize
    {
        get;
        set => field = Check(value);
    } = DefaultMaxWriteBufferSize;

    /// <summary>
    /// Gets or sets how long a connection stays open after the end of the peer's stream. Then it counts as closed, and a request in progress as
    /// aborted. A server cannot distinguish a client that is gone from one that half-closed and waits for its response; a reset counts at once. Default:
    /// one second. <see cref="TimeSpan.Zero"/>: at once, like Kestrel's own transport, which loses such requests.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: when sending to the peer fails.
    /// </summary>
    public TimeSpan HalfCloseGrace
    {
        get;
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
                ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
            }

            field = value;
        }
    } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets a delegate that changes the options of TCP listeners and of the connections they accept. Default: null.</summary>
    public Action<TcpListenerOptions>? ConfigureTcp { get; set; }

    /// <summary>Gets or sets a delegate that changes the options of Unix domain listeners and of the connections they accept. Default: null.</summary>
    public Action<UnixListenerOptions>? ConfigureUnix { get; set; }

    /// <summary>Gets or sets a delegate that changes the options of outgoing connections. Default: null.</summary>
    public Action<StreamSocketOptions>? ConfigureConnect { get; set; }

    private static long? Check(long? value)
    {
        if (value is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(value));
        }

        return value;
    }
}
