using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a connection's <see cref="Outbox"/>.</summary>
public sealed class OutboxOptions
{
    /// <summary>The default of <see cref="Capacity"/>: 1,048,576 bytes.</summary>
    public const int DefaultCapacity = 1024 * 1024;

    /// <summary>The default of <see cref="MaxWaiting"/>: 1,024 calls.</summary>
    public const int DefaultMaxWaiting = 1024;

    /// <summary>Creates options with the defaults.</summary>
    public OutboxOptions()
    {
    }

    internal OutboxOptions(OutboxOptions other)
    {
        Capacity = other.Capacity;
        FullMode = other.FullMode;
        MaxWaiting = other.MaxWaiting;
        OnDropped = other.OnDropped;
    }

    /// <summary>
    /// Gets or sets the number of bytes that the outbox holds at most. Each message counts for its bytes and for 16 more, its place in the queue, so
    /// that many small messages are bounded, too. An empty outbox accepts a message of exactly this size. Messages that the outbox has handed
    /// to the connection's <see cref="Connection.Output"/> no longer count. The output holds up to 80 KiB then, and one message more.
    /// Default: <see cref="DefaultCapacity"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int Capacity
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultCapacity;

    /// <summary>
    /// Gets or sets what a post does when the outbox is full. <see cref="Outbox.PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> waits instead,
    /// whatever the mode. Default: <see cref="OutboxFullMode.DropNewest"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a mode.</exception>
    public OutboxFullMode FullMode
    {
        get;
        set => field = OptionBounds.Defined(value);
    }

    /// <summary>
    /// Gets or sets the number of calls of <see cref="Outbox.PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> that may wait for room at the same
    /// time; a further one throws. Default: <see cref="DefaultMaxWaiting"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxWaiting
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultMaxWaiting;

    /// <summary>
    /// Gets or sets the callback that receives the connection and the number of messages that a post has dropped because the outbox was full. It is
    /// called on the posting thread, outside of every lock, and must not block. Its exceptions are logged. Default: null.
    /// </summary>
    public Action<Connection, int>? OnDropped { get; set; }
}
