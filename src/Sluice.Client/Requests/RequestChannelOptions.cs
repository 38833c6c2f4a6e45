using Sluice.Options;

namespace Sluice.Client;

/// <summary>The limits of a <see cref="RequestChannel{TRequest, TReply}"/>. Read once, when the channel is created.</summary>
public sealed class RequestChannelOptions
{
    private const int MaxCount = 1 << 30;

    /// <summary>
    /// Gets or sets how long a request may take, from the call until its reply, the time in the queue included. Never early, and late by at most 10 ms.
    /// Default: 30 seconds. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan RequestTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the number of requests that may be sent and unanswered. Further ones wait, in their order. A request of a pipelined protocol that timed
    /// out or was canceled counts until its reply comes. For a multiplexed protocol, the connection is closed when more than this number of such requests
    /// are still unanswered. Default: 1,024.
    /// </summary>
    public int MaxInFlight
    {
        get;
        set => field = OptionBounds.InRange(value, 1, MaxCount);
    } = 1024;

    /// <summary>Gets or sets the number of requests that may wait to be sent. A further one fails at once. Default: 16,384.</summary>
    public int MaxQueued
    {
        get;
        set => field = OptionBounds.InRange(value, 1, MaxCount);
    } = 16 * 1024;

    /// <summary>
    /// Gets or sets the number of encoded bytes that may wait to be sent. A further request fails at once, unless it is the only one. Default: 16 MiB.
    /// </summary>
    public int MaxQueuedBytes
    {
        get;
        set => field = OptionBounds.InRange(value, 1, MaxCount);
    } = 16 * 1024 * 1024;

    /// <summary>Gets or sets the number of messages without a request that may wait to be read. Default: 1,024.</summary>
    public int PushCapacity
    {
        get;
        set => field = OptionBounds.InRange(value, 1, MaxCount);
    } = 1024;

    /// <summary>Gets or sets what happens when <see cref="PushCapacity"/> messages wait. Default: the oldest is dropped.</summary>
    public PushOverflow PushOverflow
    {
        get;
        set => field = OptionBounds.Defined(value);
    }

    /// <summary>Gets or sets the clock for <see cref="RequestTimeout"/>; null, the default, for that of the connection.</summary>
    public TimeProvider? TimeProvider { get; set; }
}
