namespace Sluice.Hosting.Connections;

/// <summary>How ASP.NET Core's connections run on Sluice, Kestrel's among them. Read once, when the first is made or listened for.</summary>
public sealed class SluiceTransportOptions
{
    /// <summary>The default of <see cref="MaxReadBufferSize"/>: 1 MiB, as that of Kestrel's own transport.</summary>
    public const long DefaultMaxReadBufferSize = 1024 * 1024;

    /// <summary>The default of <see cref="MaxWriteBufferSize"/>: 64 KiB, as that of Kestrel's own transport.</summary>
    public const long DefaultMaxWriteBufferSize = 64 * 1024;

    /// <summary>
    /// What drives the sockets, and stays the caller's. Default: null, the <see cref="SelectorManager"/> of the services, which Kestrel, connection
    /// factories and socket servers share, and which is disposed of with them.
    /// </summary>
    public SelectorManager? Selector { get; set; }

    /// <summary>
    /// Changes the options of the selector of the services, after
    /// <see cref="Microsoft.Extensions.DependencyInjection.SocketServerServiceCollectionExtensions.AddSluice"/> has. Passed over if <see cref="Selector"/> is
    /// set. Default: null.
    /// </summary>
    public Action<SelectorOptions>? ConfigureSelector { get; set; }

    /// <summary>
    /// How many bytes are read ahead of the application, where the engine has to read in order to learn that the peer is gone (the portable
    /// one); null for as many as come. The epoll engine reads when the application does, and never ahead. Default:
    /// <see cref="DefaultMaxReadBufferSize"/>.
    /// </summary>
    public long? MaxReadBufferSize
    {
        get;
        set => field = Check(value);
    } = DefaultMaxReadBufferSize;

    /// <summary>
    /// How many bytes may wait to be sent when a flush completes; with more, it suspends until the peer has read. Null for as many as are
    /// written. 0: until the system has taken all of it. Default: <see cref="DefaultMaxWriteBufferSize"/>.
    /// </summary>
    public long? MaxWriteBufferSize
    {
        get;
        set => field = Check(value);
    } = DefaultMaxWriteBufferSize;

    /// <summary>
    /// How long after the peer has said that it sends no more the connection counts as closed, and a request that is being answered as
    /// aborted. Nobody can tell a client that is gone from one that still waits for its answer; one that is reset is told at once. Default: one
    /// second. <see cref="TimeSpan.Zero"/>: at once, as with Kestrel's own transport, which loses such requests;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: when sending to it has failed.
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

    /// <summary>Changes the options of every TCP listener and of what it accepts. Default: null.</summary>
    public Action<TcpListenerOptions>? ConfigureTcp { get; set; }

    /// <summary>Changes the options of every listener of the Unix domain and of what it accepts. Default: null.</summary>
    public Action<UnixListenerOptions>? ConfigureUnix { get; set; }

    /// <summary>Changes the options of every connection that is made (and not accepted). Default: null.</summary>
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
