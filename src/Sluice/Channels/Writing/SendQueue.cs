using System.Buffers;
using Sluice.Channels.Buffers;

namespace Sluice.Channels.Writing;

/// <summary>
/// Bytes on their way to a sink. One writer appends; whoever flushes (the writer, the end of a turn, the sink's call back) sends. What the
/// sink cannot
/// take yet stays here and follows when the sink calls back: no task stands between.
/// </summary>
/// <remarks>
/// The lock guards the queue between writer and sender; <see cref="_sending"/> makes sure that one sends at a time, outside the lock. No code
/// of the user's runs in the lock: blocks of a user's pool are rented before it is taken and given back after it is left, and the peer is told
/// of the end after it, too.
/// </remarks>
internal sealed partial class SendQueue
{
    private readonly IByteSink _sink;

    // Also the lock: one of its own would cost each connection memory.
    private readonly SegmentQueue _queue;

    public SendQueue(IByteSink sink, MemoryPool<byte>? pool)
    {
        _sink = sink;
        _queue = new SegmentQueue(pool, defersReturns: true);
        _client = pool is null ? this : new StayClient(this);
        CallsUserCode = pool is not null || sink.CallsUserCode;
    }

    /// <summary>Whether sending calls code of the user's: the sink's, or that of the pool that the memory goes back to.</summary>
    public bool CallsUserCode { get; }

    /// <summary>How many bytes were ever written. The writer alone changes and reads it.</summary>
    public long Written { get; private set; }

    /// <summary>How many bytes wait to be sent.</summary>
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

    /// <summary>
    /// Memory to write to, until <see cref="Commit"/>; false if so many bytes would go beyond <paramref name="limit"/>. It does not go back
    /// before the writer says that it is done with it, whatever becomes of the queue.
    /// </summary>
    public bool TryLease(int minimum, long limit, out Memory<byte> memory)
    {
        lock (_queue)
        {
            memory = default;
            bool fits = _queue.Length + minimum <= limit;
            if (!fits || _queue.TryLease(minimum, out memory))
            {
                return fits;
            }
        }

        BufferSegment segment = _queue.Rent(minimum);
        using (Enter())
        {
            memory = _queue.Lease(segment);
            return true;
        }
    }

    /// <summary>Takes over what was written to leased memory.</summary>
    /// <param name="count">How many bytes that is.</param>
    /// <param name="promise">As with <see cref="TryAppend(ReadOnlySpan{byte}, long, bool, out bool)"/>.</param>
    /// <param name="send">As with <see cref="TryAppend(ReadOnlySpan{byte}, long, bool, out bool)"/>.</param>
    public void Commit(int count, bool promise, out bool send)
    {
        send = false;
        using (Enter())
        {
            if (TakesMore())
            {
                _queue.Commit(count);
                send = Wrote(count, promise);
            }
        }
    }

    /// <summary>Appends a copy; false if so many bytes would go beyond <paramref name="limit"/>.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="limit">How many may wait.</param>
    /// <param name="promise">Whether the writer promises to see to it that they are sent.</param>
    /// <param name="send">Whether it has to: not if it has promised before, or the sink will call back.</param>
    public bool TryAppend(ReadOnlySpan<byte> bytes, long limit, bool promise, out bool send)
    {
        send = false;
        lock (_queue)
        {
            if (_queue.Length + bytes.Length > limit)
            {
                return false;
            }

            if (CanAppend && _queue.TryWrite(bytes))
            {
                send = Wrote(bytes.Length, promise);
                return true;
            }
        }

        return TryAppend(bytes, body: default, tail: default, limit, promise, out send);
    }

    /// <summary>As <see cref="TryAppend(ReadOnlySpan{byte}, long, bool, out bool)"/>, of several parts: all of them, or none.</summary>
    public bool TryAppend(
        ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlySpan<byte> tail, long limit, bool promise, out bool send)
    {
        long length = head.Length + body.Length + tail.Length;
        BufferSegment? segments = null;
        try
        {
            while (true)
            {
                using (Enter())
                {
                    send = false;
                    if (_queue.Length + length > limit)
                    {
                        return false;
                    }

                    if (!TakesMore())
                    {
                        return true;
                    }

                    if (_queue.TryWrite(head, body, tail, ref segments))
                    {
                        send = Wrote((int)length, promise);
                        return true;
                    }
                }

                // What room there was in the last segment goes with it when that is sent meanwhile: then these are not enough, and it takes more.
                BufferSegment more = _queue.RentFor(length);
                BufferSegment.ReturnAll(segments);
                segments = more;
            }
        }
        finally
        {
            BufferSegment.ReturnAll(segments);
        }
    }

    /// <summary>
    /// As <see cref="TryAppend(ReadOnlySpan{byte}, long, bool, out bool)"/>, for whoever has not made sure to be the only writer: false, too, if
    /// <paramref name="writers"/> is not 0, if there is something that a writer is to be told, or if a user's pool has to be asked for memory.
    /// </summary>
    public bool TryAppendUncontended(ReadOnlySpan<byte> bytes, long limit, bool promise, ref int writers, out bool send)
    {
        send = false;
        lock (_queue)
        {
            // A writer says that it is there before it takes the lock for the first time: seen here, or it comes after this write.
            if (Volatile.Read(ref writers) != 0
                || Failure is not null || IsClosed || IsCompleted
                || _queue.Length + bytes.Length > limit
                || !_queue.TryWrite(bytes))
            {
                return false;
            }

            send = Wrote(bytes.Length, promise);
            return true;
        }
    }

    /// <summary>Promises that what is written is sent, as <see cref="TryAppend(ReadOnlySpan{byte}, long, bool, out bool)"/> does.</summary>
    /// <param name="send">Whether the writer has to see to it.</param>
    /// <returns>How many bytes wait to be sent.</returns>
    public long ScheduleFlush(out bool send)
    {
        lock (_queue)
        {
            send = !_sending && !_flushScheduled && !IsEmpty && Failure is null;
            _flushScheduled |= send;
            return _queue.Length;
        }
    }

    private Section Enter() => new(_queue);

    // The rest runs in the lock.

    private bool IsEmpty => _queue.Length == 0 && _external is null;

    // Not after a failure, which the writer's next call is told of, nor after the end, which somebody else may have said: the peer knows of it.
    private bool CanAppend => Failure is null && !IsCompleted;

    // If not, the writer has done with what it was lent, and the memory can go back now.
    private bool TakesMore()
    {
        if (CanAppend)
        {
            return true;
        }

        _queue.EndLease();
        if (Failure is not null)
        {
            ClearIfUnused();
        }

        return false;
    }

    private bool Wrote(int count, bool promise)
    {
        Written += count;
        if (!promise || count == 0 || _sending || _flushScheduled)
        {
            return false;
        }

        _flushScheduled = true;
        return true;
    }

    /// <summary>The lock; when it is left, what has become free in it goes back to the pool.</summary>
    private readonly ref struct Section : IDisposable
    {
        private readonly SegmentQueue _queue;

        public Section(SegmentQueue queue)
        {
            _queue = queue;
            Monitor.Enter(queue);
        }

        public void Dispose()
        {
            BufferSegment? spent = _queue.TakeSpent();
            Monitor.Exit(_queue);
            BufferSegment.ReturnAll(spent);
        }
    }
}
