using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A connected stream socket of an engine.</summary>
internal abstract partial class StreamTransport : Transport, IByteSource, IByteSink
{
    // One for each channel whose writer has waited: that on the socket, and that above TLS; and one for the reader above TLS. Replaced with a
    // compare-exchange, whose full fence orders it with _socketTimeout and _closed.
    private ReadinessEvent[] _createdEvents = [];

    // Written by the reader, read by any thread.
    private int _receives;

    // Written by the owner of the socket, read by the writer.
    private TimeSpan _socketTimeout = Timeout.InfiniteTimeSpan;

    // Written by the reader: _error before _ended, which any thread reads.
    private SocketError _error;
    private volatile bool _ended;

    // The first error that a call other than a receive got. Compare-exchanged.
    private int _errorElsewhere;

    // Written by the close, read by the writer.
    private bool _closed;

    /// <param name="engine">The engine.</param>
    /// <param name="scheduler">Runs the continuations; null for the transport itself.</param>
    /// <param name="options">The options.</param>
    /// <param name="mayHaveData">Whether the first receive is worth a try before an event has reported data.</param>
    protected StreamTransport(SocketEngine engine, IScheduler? scheduler, StreamSocketOptions options, bool mayHaveData = true)
        : base(engine)
    {
        Scheduler = scheduler ?? (IScheduler)this;
        ReadReadiness = new ReadinessEvent(Scheduler, initiallyReady: mayHaveData);
        CloseTimeout = options.CloseTimeout;
        _socketTimeout = options.SocketTimeout;
    }

    /// <summary>Gets the scheduler of the connection's continuations.</summary>
    public IScheduler Scheduler { get; }

    public abstract EndPoint RemoteEndPoint { get; }

    public override string KindName => "connection";

    public override string Title => $"The connection to {PeerName}";

    /// <summary>
    /// Gets the peer in a message: the one behind proxies, if it is known. For a Unix domain client without a name it is the path that it has connected to.
    /// </summary>
    public string PeerName => RemoteEndPoint.AddressFamily != AddressFamily.Unix
        ? Describe(() => Owner?.Peer ?? RemoteEndPoint)
        : SocketErrors.Describe(RemoteEndPoint) is { Length: > 0 } path ? path : $"the client of {Describe(() => LocalEndPoint)}";

    public override EndPoint Peer => RemoteEndPoint;

    public override IScheduler RunsOn => Scheduler;

    public override (string? For, TimeSpan Since) Wait
    {
        get
        {
            foreach (ReadinessEvent progress in Volatile.Read(ref _createdEvents))
            {
                // The reader above TLS waits for what a read below it waits for.
                if (!progress.IsReadAbove && progress.Waited is { } since)
                {
                    return ("room", since);
                }
            }

            return WaitAt(ReadReadiness, "data");
        }
    }

    public TimeProvider TimeProvider => Engine.TimeProvider;

    public TimeSpan CloseTimeout { get; set; }

    public TimeSpan SocketTimeout
    {
        get => _socketTimeout;
        set
        {
            if (value != _socketTimeout)
            {
                _socketTimeout = value;
                Interlocked.MemoryBarrier();
                ReadReadiness.SetTimeout(value, Engine.Sweep);
                foreach (ReadinessEvent progress in Volatile.Read(ref _createdEvents))
                {
                    progress.SetTimeout(value, Engine.Sweep);
                }
            }
        }
    }

    /// <summary>Whether a receive has found the end of the stream, or an error.</summary>
    public bool HasEnded => _ended;

    protected ReadinessEvent ReadReadiness { get; }

    /// <summary>
    /// Whether no edge may follow a short receive: after the last edge, and with urgent data, at which the kernel stops a receive (tcp(7)). From then on
    /// each receive has to be repeated until it finds nothing. Set by the loop, read by the reader.
    /// </summary>
    protected bool ShortReadsMayHideMore
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    public int TryReceive(SegmentQueue into)
    {
        if (!TryBeginReceive(out int count))
        {
            return count;
        }

        Memory<byte> free = Lease(into);
        count = 0;
        try
        {
            return count = ReceiveBegun(free.Span);
        }
        finally
        {
            into.EndLease(count);
        }
    }

    public int? Receives => Volatile.Read(ref _receives);

    public int TryReceive(Span<byte> destination) => TryBeginReceive(out int result) ? ReceiveBegun(destination) : result;

    public virtual ISplice? OpenSplice(IByteSink sink) => null;

    public virtual IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) => null;

    public virtual PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => ReadReadiness.Wait(cancellationToken);

    public Exception ReadFailure(WaitOutcome outcome) => outcome == WaitOutcome.TimedOut
        ? SocketErrors.TimedOut($"Reading from {PeerName}", SocketTimeout)
        : Closed();

    public Exception SendTimeout() => SocketErrors.TimedOut($"Writing to {PeerName}", SocketTimeout);

    public bool IsDrained => !ReadReadiness.IsReady;

    public void InterruptRead() => ReadReadiness.Interrupt();

    public bool IsSignallable => true;

    public void SignalReadable() => ReadReadiness.Set();

    public ReadinessEvent CreateProgressEvent()
    {
        var readiness = new ReadinessEvent(Scheduler);
        ReadinessEvent[] before;
        do
        {
            before = Volatile.Read(ref _createdEvents);
        }
        while (Interlocked.CompareExchange(ref _createdEvents, [.. before, readiness], before) != before);

        // A thread that sets a timeout or closes at the same time sees the event, or this sees its write.
        if (_socketTimeout != Timeout.InfiniteTimeSpan)
        {
            readiness.SetTimeout(_socketTimeout, Engine.Sweep);
        }

        if (_closed)
        {
            readiness.Close();
        }

        return readiness;
    }

    public ReadinessEvent CreateReadEventAbove()
    {
        // An upgrade that failed before its handshake has left the event unused.
        ReadinessEvent readable = Array.Find(Volatile.Read(ref _createdEvents), created => created.IsReadAbove) ?? CreateProgressEvent();
        readable.IsReadAbove = true;
        return readable;
    }

    public abstract int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending);

    public abstract int TrySendDirect(ReadOnlySpan<byte> bytes);

    public override string ClosedName => TypeNames.StreamSocket;

    public abstract void ShutdownOutput();

    /// <summary>Ends the stream that reads see.</summary>
    public abstract void ShutdownInput();

    // TCP can report an error to the peer only by a reset, which ends both directions.
    public void AbortOutput(Exception cause)
    {
        if (Owner is { } owner)
        {
            owner.Abort();
        }
        else
        {
            Abort();
        }
    }

    /// <summary>
    /// Gets how many sent bytes the peer's kernel has not acknowledged, a FIN counted as one; 0 where the system does not tell.
    /// </summary>
    public abstract int UnacknowledgedBytes { get; }

    /// <summary>
    /// Receives and drops bytes, whatever the state of the channels. False at the end of the stream, or after an error.
    /// </summary>
    /// <param name="dropped">How many bytes were dropped; 0 if there are none yet.</param>
    public bool TryDiscard(out int dropped)
    {
        dropped = 0;
        if (HasEnded)
        {
            return false;
        }

        Span<byte> scratch = stackalloc byte[4096];
        int received = Receive(scratch, out SocketError error);
        dropped = Math.Max(received, 0);
        return received > 0 || error == SocketError.WouldBlock;
    }

    /// <summary>Closes the socket so that the peer sees a reset.</summary>
    public abstract void Abort();

    /// <summary>Ends the reader's wait. <see cref="TryDiscard"/> and sending work further.</summary>
    public void CloseInput() => ReadReadiness.Close();

    /// <summary>
    /// Keeps the error of a call other than a receive: the kernel reports an error only once, and the end of stream that a receive finds after it is not an
    /// orderly one.
    /// </summary>
    protected void RememberError(SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.OperationAborted))
        {
            Interlocked.CompareExchange(ref _errorElsewhere, (int)error, (int)SocketError.Success);
        }
    }

    /// <summary>Makes the exception for a failed send, and keeps the error for the reader.</summary>
    protected IOException SendFailure(SocketError error)
    {
        RememberError(error == SocketError.Shutdown ? SocketError.Success : error);

        // EPIPE: an earlier call got the reset.
        return SocketErrors.Transfer(error == SocketError.Shutdown ? SocketError.ConnectionReset : error, $"Writing to {PeerName}");
    }

    /// <summary>Begins a try to receive. False if none is to be made: the result is the end of the stream, or <see cref="IByteSource.WouldBlock"/>.</summary>
    protected bool TryBeginReceive(out int result)
    {
        result = IByteSource.WouldBlock;
        if (LoopTurn.IsBudgetSpent)
        {
            return false;
        }

        if (!ReadReadiness.TryConsume())
        {
            WatchReceivable();
            return false;
        }

        if (HasEnded)
        {
            ReadReadiness.Set();
            result = _error == SocketError.Success ? 0 : throw SocketErrors.Transfer(_error, $"Reading from {PeerName}");
            return false;
        }

        LoopTurn.ConsumeBudget();
        return true;
    }

    // The readiness is consumed: without memory for the receive, the next try needs it again.
    private Memory<byte> Lease(SegmentQueue queue)
    {
        try
        {
            return queue.Lease(1);
        }
        catch
        {
            ReadReadiness.Set();
            throw;
        }
    }

    private int ReceiveBegun(Span<byte> buffer)
    {
        int received = Receive(buffer, out SocketError error);

        // A short result means an empty socket, and the next byte is an edge: no second recv is needed to find out (epoll(7), Q9).
        return FinishReceive(received, mayBeMore: received == buffer.Length, error);
    }

    /// <summary>Ends a try to receive. Returns the result for the caller, or throws.</summary>
    protected int FinishReceive(int received, bool mayBeMore, SocketError error)
    {
        if (received > 0)
        {
            // The close drops bytes. A receive that began before it may have got bytes that follow dropped ones, so the reader must not get them.
            if (ReadReadiness.IsClosed)
            {
                return IByteSource.WouldBlock;
            }

            Volatile.Write(ref _receives, _receives + 1);

            // Re-arm: the edge of these bytes may have been the last one, because the peer's FIN came with them. And urgent data may follow them.
            if (mayBeMore || ShortReadsMayHideMore)
            {
                ReadReadiness.Set();
            }

            return received;
        }

        if (error == SocketError.WouldBlock)
        {
            WatchReceivable();
            return IByteSource.WouldBlock;
        }

        // The kernel reports an error once, to the first call after it, and then an end of stream. The stream is not complete then.
        if (error == SocketError.Success)
        {
            if (MayErrorFollow())
            {
                WatchReceivable();
                return IByteSource.WouldBlock;
            }

            error = (SocketError)Volatile.Read(ref _errorElsewhere);
        }

        _error = error;
        _ended = true;
        ReadReadiness.Set();
        return error == SocketError.Success ? 0 : throw SocketErrors.Transfer(error, $"Reading from {PeerName}");
    }

    /// <summary>Tries once to receive. Without bytes, <paramref name="error"/> is the reason: success is the end of the stream.</summary>
    protected abstract int Receive(Span<byte> buffer, out SocketError error);

    /// <summary>
    /// Whether a call in progress may still report a reset, after a receive that found the end of the stream.
    /// </summary>
    protected abstract bool MayErrorFollow();

    /// <summary>
    /// Ensures that the read event is set when there is something to receive, for a reader that tries again without waiting. Does nothing where the system
    /// always sets it.
    /// </summary>
    protected virtual void WatchReceivable()
    {
    }

    public override void EndWaits()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        ReadReadiness.Close();
        foreach (ReadinessEvent progress in Volatile.Read(ref _createdEvents))
        {
            progress.Close();
        }
    }

    protected override void OnEnlisted()
    {
        if (_socketTimeout != Timeout.InfiniteTimeSpan)
        {
            ReadReadiness.SetTimeout(_socketTimeout, Engine.Sweep);
        }
    }

    protected override void CloseCore(DisposalSteps steps) => steps.Run(this, static stream => stream.EndWaits());
}
