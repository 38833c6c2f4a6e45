using System.Diagnostics.CodeAnalysis;
using Sluice.Channels.Messages;
using Sluice.Channels.Writing;
using Sluice.Engine;

namespace Sluice;

/// <summary>
/// Takes whole messages for the peer of a connection from any number of threads, and keeps a bounded number of bytes of them while the peer is slow.
/// Get it from <see cref="Connection.Outbox"/>.
/// </summary>
/// <remarks>
/// <para>A post never waits and never throws because of the peer. It copies or shares the message and returns. Messages that are posted until the next
/// turn of the connection's event loop leave together, in one system call if the kernel has room. A thread that posts on and on sends, without waiting, whenever more than 16 KiB wait.</para>
/// <para>No message is cut, and none cuts into a write on <see cref="Connection.Output"/>: messages follow a write that is in progress, and a write
/// follows the messages that were handed over before it began. The messages of one thread keep their order. No order is promised between posts and
/// writes, so use one of them for what has to stay in order. A copy to the output, and what a pipe's writer puts in until its flush, or until
/// the output is completed or the connection closed, count as one write.</para>
/// <para>When the connection is closed, or its output is completed, the outbox accepts no more, and its messages are sent within
/// <see cref="StreamSocketOptions.CloseTimeout"/>. When the connection is aborted or fails, they are dropped, and so they are when a write on the output
/// that was larger than its buffer ends before all of it was written: nothing can follow it. Messages that were handed to the output before are lost
/// with it, as written bytes are.</para>
/// </remarks>
public sealed partial class Outbox : IMessageQueueOwner
{
    private readonly SendQueue _output;
    private readonly MessageQueue _messages;

    internal Outbox(Connection connection, OutboxOptions options)
    {
        Connection = connection;
        _output = connection.Output.SendQueue;
        _messages = new MessageQueue(this, options.Capacity, options.FullMode, options.MaxWaiting);
        Options = options;
    }

    /// <summary>Gets the connection.</summary>
    public Connection Connection { get; }

    /// <summary>Gets the number of bytes that the outbox holds at most; see <see cref="OutboxOptions.Capacity"/>.</summary>
    public int Capacity => _messages.Capacity;

    /// <summary>Gets what a post does when the outbox is full.</summary>
    public OutboxFullMode FullMode => _messages.FullMode;

    /// <summary>Gets the number of messages that wait.</summary>
    public int QueuedMessages => _output.Read(_messages, static messages => messages.Count);

    /// <summary>Gets the number of bytes of the messages that wait.</summary>
    public long QueuedBytes => _output.Read(_messages, static messages => messages.Length);

    /// <summary>
    /// Gets the number of messages that were dropped: because the outbox was full, because the connection was closed, or with it when it was aborted.
    /// Those that another with the same key has replaced are counted by <see cref="ReplacedMessages"/>.
    /// </summary>
    public long DroppedMessages => _output.Read(_messages, static messages => messages.Dropped);

    /// <summary>Gets the number of messages in whose place a later one with the same key was put.</summary>
    public long ReplacedMessages => _output.Read(_messages, static messages => messages.Replaced);

    /// <summary>
    /// Gets how long the first message has waited, or the one in whose place it was put; zero if none waits. To the resolution of the system's timer,
    /// about 15 ms.
    /// </summary>
    public TimeSpan OldestAge => _output.Read(_messages, static messages => messages.OldestAge);

    /// <summary>Gets the options: a copy of the user's.</summary>
    internal OutboxOptions Options { get; }

    internal MessageQueue Messages => _messages;

    /// <summary>Opens the outbox without a post; false if the connection accepts no messages any more.</summary>
    internal bool TryOpen() => _output.TryAttach(_messages);

    /// <summary>Posts a message of a group. If it is queued, that takes over one of the caller's references.</summary>
    internal bool PostTogether(MessageBuffer message, OutboxKey? key, int now)
    {
        int dropped = 0;
        if (message.Length > Capacity)
        {
            // That is no fault of the peer's: no mode disconnects it.
            return Report(_output.Refuse(_messages), dropped, isTooLarge: true);
        }

        PostOutcome outcome = key is { } given ? _output.PostLatest(_messages, given, message, together: true, out dropped)
            : _output.Post(_messages, message, now, together: true, out dropped);
        return (outcome == PostOutcome.Queued && dropped == 0) || Report(outcome, dropped);
    }

    private bool PostBytes(ReadOnlySpan<byte> message)
    {
        ThrowIfTooLarge(message.Length);
        if (message.IsEmpty)
        {
            return TryOpen();
        }

        if (message.Length > MessageQueue.LargestCopied)
        {
            return PostOwned(MessageBuffer.Create(message));
        }

        PostOutcome outcome = _output.Post(_messages, message, together: false, out int dropped);
        return (outcome == PostOutcome.Queued && dropped == 0) || Report(outcome, dropped);
    }

    // Takes over a reference, whatever comes out.
    private bool PostOwned(MessageBuffer message)
    {
        PostOutcome outcome = _output.Post(_messages, message, Environment.TickCount, together: false, out int dropped);
        if (outcome != PostOutcome.Queued)
        {
            message.Release();
        }

        return (outcome == PostOutcome.Queued && dropped == 0) || Report(outcome, dropped);
    }

    private bool PostLatestOwned(OutboxKey key, MessageBuffer message)
    {
        PostOutcome outcome = _output.PostLatest(_messages, key, message, together: false, out int dropped);
        if (outcome != PostOutcome.Queued)
        {
            message.Release();
        }

        return (outcome == PostOutcome.Queued && dropped == 0) || Report(outcome, dropped);
    }

    // Tells of drops, and applies the policy. Outside every lock, on the posting thread. Returns whether the message is queued.
    private bool Report(PostOutcome outcome, int dropped, bool isTooLarge = false)
    {
        bool queued = outcome == PostOutcome.Queued;
        dropped += queued ? 0 : 1;
        string reason = outcome == PostOutcome.Closed ? "closed" : FullMode switch
        {
            OutboxFullMode.DropOldest => "oldest",
            OutboxFullMode.Disconnect => "disconnect",
            _ => "newest",
        };
        CountDrops(dropped, reason);
        if (outcome == PostOutcome.Closed)
        {
            return false;
        }

        try
        {
            Options.OnDropped?.Invoke(Connection, dropped);
        }
        catch (Exception exception)
        {
            Connection.Owner.ReportCallbackFailure(exception);
        }

        if (!queued && !isTooLarge && FullMode == OutboxFullMode.Disconnect)
        {
            Connection.Owner.Abort(CloseReason.OutboxFull);
        }

        return queued;
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > Capacity)
        {
            ThrowTooLarge(length);
        }
    }

    [DoesNotReturn]
    private void ThrowTooLarge(int length) => throw new ArgumentException(
        $"The message has {length} bytes, more than the capacity of the outbox, {Capacity} ({nameof(OutboxOptions)}.{nameof(OutboxOptions.Capacity)}).");
}
