using System.Buffers;
using System.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Channels;

/// <summary>
/// Bytes on their way to a sink. One writer appends; whoever flushes (the writer, the end of a turn, the sink's call back) sends. What the
/// sink cannot
/// take yet stays here and follows when the sink calls back: no task stands between.
/// </summary>
/// <remarks>
/// The lock guards the queue between writer and sender; <see cref="_sending"/> makes sure that one sends at a time, outside the lock.
/// </remarks>
internal sealed class SendQueue : ISinkClient
{
    private readonly IByteSink _sink;

    // Also the lock: one of its own would cost each connection memory.
    private readonly SegmentQueue _queue;
    private Gate? _progress;
    private TaskCompletionSource? _drained;

    // Goes before the queue, which was empty when it came.
    private IForeignBytes? _foreign;
    private bool _disposesForeign;
    private long _sent;
    private long _awaited = long.MaxValue;
    private bool _sending;
    private bool _promised;
    private bool _finSent;

    public SendQueue(IByteSink sink, MemoryPool<byte>? pool)
    {
        _sink = sink;
        _queue = new SegmentQueue(pool);
    }

    /// <summary>
    /// Where the writer waits until <see cref="IsSentOrSignals"/>, which said false, is worth another look. Null if none ever had to.
    /// </summary>
    public Gate? Progress => Volatile.Read(ref _progress);

    /// <summary>How many bytes were ever written. The writer alone changes and reads it.</summary>
    public long Written { get; private set; }

    /// <summary>Whether the writer is done: after the last byte, the peer is told.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>Whether the owner closes: writers are no longer served, but what is written is still sent.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Why nothing can be sent any more; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>How many bytes wait to be sent.</summary>
    public long Length
    {
        get
        {
            lock (_queue)
            {
                return _queue.Length + (_foreign?.Length ?? 0);
            }
        }
    }

    /// <summary>Memory to write to, until <see cref="Commit"/>; false if so many bytes would go beyond <paramref name="limit"/>.</summary>
    public bool TryLease(int minimum, long limit, out Memory<byte> memory)
    {
        lock (_queue)
        {
            bool fits = _queue.Length + minimum <= limit;
            memory = fits ? _queue.Lease(minimum) : default;
            return fits;
        }
    }

    /// <summary>Takes over what was written to leased memory.</summary>
    /// <param name="count">How many bytes that is.</param>
    /// <param name="promise">As with <see cref="TryAppend"/>.</param>
    /// <param name="send">As with <see cref="TryAppend"/>.</param>
    public void Commit(int count, bool promise, out bool send)
    {
        send = false;
        lock (_queue)
        {
            if (!IsDead())
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

            if (!IsDead())
            {
                _queue.Write(bytes);
                send = Wrote(bytes.Length, promise);
            }

            return true;
        }
    }

    /// <summary>
    /// As <see cref="TryAppend"/>, for whoever has not made sure to be the only writer: false, too, if <paramref name="writers"/> is not 0,
    /// or if there is something that a writer is to be told.
    /// </summary>
    public bool TryAppendAlone(ReadOnlySpan<byte> bytes, long limit, bool promise, ref int writers, out bool send)
    {
        send = false;
        lock (_queue)
        {
            // A writer says that it is there before it takes the lock for the first time: seen here, or it comes after this write.
            if (Volatile.Read(ref writers) != 0 || Failure is not null || IsClosed || IsCompleted || _queue.Length + bytes.Length > limit)
            {
                return false;
            }

            _queue.Write(bytes);
            send = Wrote(bytes.Length, promise);
            return true;
        }
    }

    /// <summary>Promises that what is written is sent, as <see cref="TryAppend"/> does.</summary>
    /// <param name="send">Whether the writer has to see to it.</param>
    /// <returns>How many bytes wait to be sent.</returns>
    public long Promise(out bool send)
    {
        lock (_queue)
        {
            send = !_sending && !_promised && !IsEmpty && Failure is null;
            _promised |= send;
            return _queue.Length;
        }
    }

    /// <summary>Sends what the sink takes of <paramref name="bytes"/> at once, without a copy, if nothing waits before them.</summary>
    /// <returns>How many of them that was.</returns>
    public int TrySendNow(ReadOnlySpan<byte> bytes)
    {
        lock (_queue)
        {
            if (_sending || Failure is not null || !IsEmpty)
            {
                return 0;
            }

            _sending = true;
        }

        int sent = 0;
        Exception? failure = null;
        try
        {
            sent = _sink.TrySendNow(bytes);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            failure = exception;
        }

        lock (_queue)
        {
            _sending = false;
            Written += sent;
            _sent += sent;
        }

        if (failure is not null)
        {
            Fail(failure);
        }
        else if (IsCompleted || IsClosed)
        {
            // Whoever wanted to end it meanwhile has left that to us.
            Send();
        }

        return sent;
    }

    /// <summary>
    /// Appends bytes that are elsewhere, to nothing: all that was written before is sent. They stay until they are sent too, or
    /// <see cref="Fail"/>, and whoever made them gives them up with <see cref="Release"/>.
    /// </summary>
    /// <exception cref="UnreachableException">Something waits, and would be overtaken.</exception>
    public void Append(IForeignBytes foreign)
    {
        lock (_queue)
        {
            if (!IsDead())
            {
                if (!IsEmpty)
                {
                    throw new UnreachableException("Bytes from elsewhere may not overtake what was written.");
                }

                Written += foreign.Length;
                _foreign = foreign;
            }
        }
    }

    /// <summary>So many bytes of the foreign ones, all of which are sent, never were.</summary>
    public void Forget(long missing)
    {
        lock (_queue)
        {
            Written -= missing;
            _sent -= missing;
        }
    }

    /// <summary>Takes over what is left of foreign bytes: to be disposed of, at once or once they are sent.</summary>
    public void Release(IForeignBytes foreign)
    {
        lock (_queue)
        {
            _disposesForeign = ReferenceEquals(_foreign, foreign);
            if (_disposesForeign)
            {
                return;
            }
        }

        foreign.Dispose();
    }

    /// <summary>Sends until all is sent or the sink is full. Never throws: a failure is kept.</summary>
    public void Send(bool asPromised = false)
    {
        ReadOnlySequence<byte> bytes;
        IForeignBytes? foreign;
        lock (_queue)
        {
            if (asPromised)
            {
                _promised = false;
            }

            if (_sending || !TryTake(out bytes, out foreign))
            {
                return;
            }
        }

        try
        {
            bool more = true;
            while (more)
            {
                int sent = foreign is null ? _sink.TrySend(bytes, this, out bool pending) : foreign.TrySend(this, out pending);
                if (pending)
                {
                    // Still sending: the call back goes on, perhaps at this very moment.
                    return;
                }

                lock (_queue)
                {
                    _sending = false;
                    Sent(sent);
                    more = TryTake(out bytes, out foreign);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            OnSinkReady(0, exception);
        }
    }

    public void OnSinkReady(int sent, Exception? error)
    {
        lock (_queue)
        {
            _sending = false;
            Sent(sent);
        }

        if (error is null)
        {
            Send();
        }
        else
        {
            Fail(error);
        }
    }

    /// <summary>Nothing more will be written, not even to memory that is leased: sends what is, and then tells the peer.</summary>
    public void Complete()
    {
        lock (_queue)
        {
            IsCompleted = true;
            _queue.EndLease();
        }

        Send();
    }

    /// <summary>Ends the writer's wait, and goes on sending. The result completes when all is sent, or never will be.</summary>
    public Task Close()
    {
        Task drained;
        lock (_queue)
        {
            IsClosed = true;
            drained = Failure is not null || IsEmpty
                ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        Progress?.Signal();
        Send();
        return drained;
    }

    /// <summary>Serves writers no longer, and wakes none: <see cref="Close"/> follows.</summary>
    public void Refuse()
    {
        lock (_queue)
        {
            IsClosed = true;
        }
    }

    /// <summary>Gives up: what is not sent is dropped, and whoever waits is told.</summary>
    public void Fail(Exception failure)
    {
        lock (_queue)
        {
            Failure ??= failure;
            ClearIfUnused();
            _drained?.TrySetResult();
        }

        Progress?.Signal();
    }

    /// <summary>
    /// Whether so many bytes are sent. If not, or if the writer is to give way all the same, <see cref="Progress"/> is signalled when they
    /// are, or when there is no
    /// use in waiting.
    /// </summary>
    public bool IsSentOrSignals(long count, bool giveWay)
    {
        lock (_queue)
        {
            bool reached = _sent >= count && Failure is null;
            if (reached && !giveWay)
            {
                _awaited = long.MaxValue;
                return true;
            }

            _awaited = count;
            _progress ??= _sink.CreateProgressGate();
            _progress.TryPass();
            if (reached || IsClosed || Failure is not null)
            {
                _progress.Signal();
            }

            return false;
        }
    }

    // The rest runs in the lock.

    private bool IsEmpty => _queue.Length == 0 && _foreign is null;

    // Failed meanwhile: the writer's next call says so, and the memory can go back now.
    private bool IsDead()
    {
        if (Failure is null)
        {
            return false;
        }

        _queue.EndLease();
        ClearIfUnused();
        return true;
    }

    private bool Wrote(int count, bool promise)
    {
        Written += count;
        if (!promise || count == 0 || _sending || _promised)
        {
            return false;
        }

        _promised = true;
        return true;
    }

    // What is to be sent, which then is being sent; or what has to be done once there is nothing, or no use.
    private bool TryTake(out ReadOnlySequence<byte> bytes, out IForeignBytes? foreign)
    {
        bytes = default;
        foreign = _foreign;
        if (Failure is not null)
        {
            ClearIfUnused();
            return false;
        }

        if (IsEmpty)
        {
            SendFin();
            _drained?.TrySetResult();
            return false;
        }

        bytes = _queue.Bytes;
        _sending = true;
        return true;
    }

    private void SendFin()
    {
        if (IsCompleted && !_finSent)
        {
            _finSent = true;
            try
            {
                _sink.ShutdownOutput();
            }
            catch (ObjectDisposedException)
            {
                // Closed meanwhile, which told the peer the same.
            }
        }
    }

    private void Sent(int count)
    {
        if (count == 0)
        {
            return;
        }

        _sent += count;
        if (_foreign is null)
        {
            _queue.Consume(count);
        }
        else if (_foreign.Length == 0)
        {
            DropForeign();
        }

        if (_sent >= _awaited)
        {
            _progress?.Signal();
        }
        else
        {
            _progress?.Touch();
        }
    }

    // Memory that a writer fills or the sink still reads goes back when they are done.
    private void ClearIfUnused()
    {
        if (_sending)
        {
            return;
        }

        DropForeign();
        if (!_queue.IsLeased)
        {
            _queue.Clear();
        }
    }

    private void DropForeign()
    {
        if (_disposesForeign)
        {
            _foreign?.Dispose();
            _disposesForeign = false;
        }

        _foreign = null;
    }
}
