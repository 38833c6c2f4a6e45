using Sluice.Options;

namespace Sluice;

public sealed partial class TcpListenerOptions
{
    /// <summary>
    /// How many connections may wait whose first bytes came with the first packet (<c>TCP_FASTOPEN</c>, tcp(7), RFC 7413). Such bytes may
    /// come twice. Default: null, none. On Linux, <c>net.ipv4.tcp_fastopen</c> has to allow it, too.
    /// </summary>
    public int? FastOpenQueue
    {
        get => Number(SocketOption.FastOpenQueue);
        set => SetRare(SocketOption.FastOpenQueue, OptionUnits.Count(value));
    }

    /// <summary>
    /// Accept a connection only once its first bytes are there, or this time has passed; in whole seconds, rounded up
    /// (<c>TCP_DEFER_ACCEPT</c>, tcp(7); Linux). Only for protocols in which the client speaks first. Default: null, at once.
    /// </summary>
    public TimeSpan? DeferAccept
    {
        get => Number(SocketOption.DeferAccept) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        set => SetRare(SocketOption.DeferAccept, OptionUnits.Seconds(value));
    }
}
