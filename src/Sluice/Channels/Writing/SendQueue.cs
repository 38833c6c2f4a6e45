using System.Buffers;
using Sluice.Channels.Buffers;
using Sluice.Channels.Messages;

namespace Sluice.Channels.Writing;

/// <summary>
/// Holds the bytes on their way to a sink. One writer appends. The writer, the end of a loop turn or the sink's call back sends. The bytes that
/// the sink cannot take yet stay here and follow when the sink calls back: no task stands between.
/// </summary>
/// <remarks>
/// <para>Two roles and one lock keep writer and sender apart. The writer role (<see cref="TryBeginWrite"/>) lets one write, flush or completion
/// in at a time. The sender role (<see cref="_sending"/>) lets one send at a time, outside the lock. Each field says which of them guards it.
/// "Guarded by the lock" alone means: read and written in it. A field that is also read outside the lock is written in it, and volatile.</para>
/// <para>No user code runs in the lock: blocks of a user's pool are rented before it is taken and returned after it is left, and the peer is told
/// of the end outside it, too.</para>
/// </remarks>
internal sealed partial class SendQueue
{
    // How many bytes may wait for the sink.
    private const int Limit = ByteWriteChannel.HighWaterMark;

    // Guarded by the lock, and itself the lock: a lock of its own would cost each connection memory.
    private readonly SegmentQueue _queue;

    // Written in the lock, read anywhere.
    private long _written;

    // The writer role: NoWriter, Writing, or WritingBeforeMessages.
    private int _writers;

    public SendQueue(IByteSink sink, MemoryPool<byte>? pool)
    {
        Sink = sink;
        DirectSendThreshold = sink.DirectSendThreshold;
        _queue = new SegmentQueue(pool, defersReturns: true);
        _client = pool is null ? this : new TurnClient(this);
        CallsUserCode = pool is not null || sink.CallsUserCode;
    }

    public IByteSink Sink { get; }

    /// <inheritdoc cref="IByteSink.DirectSendThreshold"/>
    public int DirectSendThreshold { get; }

    /// <summary>Whether sending calls user code: that of the sink, or that of the pool to which the memory returns.</summary>
    public bool CallsUserCode { get; }

    /// <summary>The number of bytes ever written. Only writers make it grow.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>The number of bytes that wait to be sent.</summary>
    public long Length
    {
        get
        {
            lock (_queue)
            {
                return _queue.Length + (_external?.Length ?? 0);
            }
        }
    }

    /// <summary>Takes the writer role; false if another writer holds it.</summary>
    public bool TryBeginWrite() => Interlocked.CompareExchange(ref _writers, Writing, NoWriter) == NoWriter;

    /// <summary>Gives the writer role back, and takes the messages that waited for it.</summary>
    public void EndWrite()
    {
        if (Interlocked.Exchange(ref _writers, NoWriter) == WritingBeforeMessages)
        {
            TakeMessagesAfterWrite();
        }
    }

    private Section Enter() => new(this);

    // The rest runs in the lock.

    private bool IsEmpty => _queue.Length == 0 && _external is null;

    // The writer's next call reports a failure. Another thread may have completed the queue, and then the peer knows of the end.
    private bool CanAppend => _failure is null && !_isCompleted;

    private void AddWritten(long count) => Volatile.Write(ref _written, _written + count);

    /// <summary>
    /// Holds the lock. Leaving it returns to the pool what has become free in it, and continues the callers whose wait for room it has ended.
    /// </summary>
    private readonly ref struct Section : IDisposable
    {
        private readonly SendQueue _owner;

        public Section(SendQueue owner)
        {
            _owner = owner;
            Monitor.Enter(owner._queue);
        }

        public void Dispose()
        {
            BufferSegment? spent = _owner._queue.TakeSpent();
            PostWaiter? ended = _owner._messages?.TakeEnded();
            Monitor.Exit(_owner._queue);
            BufferSegment.ReturnAll(spent);
            if (ended is not null)
            {
                CompleteAll(ended);
            }
        }
    }
}
