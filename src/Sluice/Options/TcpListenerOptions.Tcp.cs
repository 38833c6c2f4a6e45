using Sluice.Options;

namespace Sluice;

public sealed partial class TcpListenerOptions
{
    /// <summary>
    /// Gets or sets the number of queued connections whose data came with the SYN (<c>TCP_FASTOPEN</c>, tcp(7), RFC 7413). Such data may be received twice.
    /// Default: null, none. On Linux, <c>net.ipv4.tcp_fastopen</c> must allow it too.
    /// </summary>
    public int? FastOpenQueue
    {
        get => Number(SocketOption.FastOpenQueue);
        set => SetRare(SocketOption.FastOpenQueue, OptionUnits.Count(value));
    }

    /// <summary>
    /// Gets or sets how long the kernel waits for the first bytes of a connection before it can be accepted; in whole seconds, rounded up
    /// (<c>TCP_DEFER_ACCEPT</c>, tcp(7); Linux). Only for protocols in which the client sends first. Default: null, no wait.
    /// </summary>
    public TimeSpan? DeferAccept
    {
        get => Number(SocketOption.DeferAccept) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        set => SetRare(SocketOption.DeferAccept, OptionUnits.Seconds(value));
    }
}
