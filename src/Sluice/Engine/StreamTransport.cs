using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A connected stream socket of an engine.</summary>
internal abstract partial class StreamTransport : Transport, IByteSource, IByteSink
{
    private ReadinessEvent? _progress;
    private TimeSpan _socketTimeout = Timeout.InfiniteTimeSpan;
    private bool _ended;
    private SocketError _error;
    private int _toldElsewhere;
    private bool _closed;

    protected StreamTransport(SocketEngine engine, IScheduler scheduler, StreamSocketOptions options)
        : base(engine)
    {
        Scheduler = scheduler;
        ReadReadiness = new ReadinessEvent(scheduler, initiallyReady: true);
        CloseTimeout = options.CloseTimeout;
        _socketTimeout = options.SocketTimeout;
    }

    /// <summary>Where the connection's continuations run.</summary>
    public IScheduler Scheduler { get; }

    public abstract EndPoint RemoteEndPoint { get; }

    public override string KindName => "connection";

    public override string Title => $"The connection to {PeerName}";

    /// <summary>The peer in a message: behind proxies, if it is known; of a Unix domain socket without a name, where it has connected to.</summary>
    public string PeerName => RemoteEndPoint.AddressFamily != AddressFamily.Unix
        ? Describe(() => Owner?.Peer ?? RemoteEndPoint)
        : SocketErrors.Describe(RemoteEndPoint) is { Length: > 0 } path ? path : $"the client of {Describe(() => LocalEndPoint)}";

    public override EndPoint Peer => RemoteEndPoint;

    public override IScheduler RunsOn => Scheduler;

    public override (string? For, TimeSpan Since) Wait => _progress is { } progress
        ? WaitAt(progress, "room", ReadReadiness, "data")
        : WaitAt(ReadReadiness, "data");

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
                _progress?.SetTimeout(value, Engine.Sweep);
            }
        }
    }

    /// <summary>Whether the peer has said that it sends no more, or is gone.</summary>
    public bool HasEnded => _ended || _error != SocketError.Success;

    protected ReadinessEvent ReadReadiness { get; }

    /// <summary>
    /// Set once a short read may not be followed by a signal: after the last edge, and when there is urgent data, at which the kernel stops a
    /// read (tcp(7)). Then every read has to try until it finds nothing.
    /// </summary>
    protected bool ShortReadsMayHideMore
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    public int TryReceive(Span<byte> buffer)
    {
        if (!TryBeginReceive(out int result))
        {
            return result;
        }

        int received = Receive(buffer, out SocketError error);

        // Less than asked for means drained, and the next byte brings an edge: no second recv to find out.
        return FinishReceive(received, mayBeMore: received == buffer.Length, error);
    }

    public virtual ISplice? OpenSplice(IByteSink sink) => null;

    public virtual IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) => null;

    public virtual ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken) => ReadReadiness.WaitAsync(cancellationToken);

    public Exception ReceiveFailure(WaitOutcome signal) => signal == WaitOutcome.TimedOut
        ? SocketErrors.TimedOut($"Reading from {PeerName}", SocketTimeout)
        : Closed();

    public Exception SendTimeout() => SocketErrors.TimedOut($"Writing to {PeerName}", SocketTimeout);

    public ObjectDisposedException Closed() => Closed(TypeNames.StreamSocket);

    public void InterruptReceive() => ReadReadiness.Interrupt();

    public bool IsSignallable => true;

    public void SignalReceivable() => ReadReadiness.Set();

    public ReadinessEvent CreateProgressEvent()
    {
        var readiness = new ReadinessEvent(Scheduler);
        _progress = readiness;

        // Whoever sets a timeout or closes just now sees the event, or this sees what they did.
        Interlocked.MemoryBarrier();
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

    public abstract int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending);

    public abstract int TrySendDirect(ReadOnlySpan<byte> bytes);

    public string ClosedName => TypeNames.StreamSocket;

    public abstract void ShutdownOutput();

    /// <summary>Lets reads come to their end.</summary>
    public abstract void ShutdownInput();

    // TCP has no other way to say so than a reset, which ends both directions.
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
    /// How many bytes the kernel holds that the peer's has not acknowledged, a FIN counted as one; 0 where the system does not tell.
    /// </summary>
    public abstract int UnacknowledgedBytes { get; }

    /// <summary>
    /// Receives and drops what is there, whatever state the channels are in. False when there is nothing, and nothing more will come.
    /// </summary>
    /// <param name="dropped">How many bytes were dropped; 0 if none were there yet.</param>
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

    /// <summary>Closes so that the peer sees a reset.</summary>
    public abstract void Abort();

    /// <summary>Ends the reader's wait; <see cref="TryDiscard"/> and sending still work.</summary>
    public void CloseInput() => ReadReadiness.Close();

    /// <summary>
    /// Another call than a receive was told that the connection is broken: reads must not take what follows for its proper end.
    /// </summary>
    protected void RememberError(SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.OperationAborted))
        {
            Interlocked.CompareExchange(ref _toldElsewhere, (int)error, (int)SocketError.Success);
        }
    }

    /// <summary>A failed send, as its caller sees it.</summary>
    protected IOException SendFailure(SocketError error)
    {
        RememberError(error == SocketError.Shutdown ? SocketError.Success : error);

        // EPIPE: the reset was told before, to somebody else.
        return SocketErrors.Transfer(error == SocketError.Shutdown ? SocketError.ConnectionReset : error, $"Writing to {PeerName}");
    }

    /// <summary>Before a try to receive, whether it is worth one. If not, the result says why: the end, or nothing there.</summary>
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
            result = _ended ? 0 : throw SocketErrors.Transfer(_error, $"Reading from {PeerName}");
            return false;
        }

        LoopTurn.ConsumeBudget();
        return true;
    }

    /// <summary>After the try: what the caller is to be told.</summary>
    protected int FinishReceive(int received, bool mayBeMore, SocketError error)
    {
        if (received > 0)
        {
            // A receive that began before the close may come after bytes that the close has read away: what it got is no part of the stream any more.
            if (ReadReadiness.IsClosed)
            {
                return IByteSource.WouldBlock;
            }

            // The edge that brought this may be the last one, because the peer's FIN came with it; and urgent data may stand in between.
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

        // The system tells an error once, to whichever call comes first, and then says end of stream. That would be a lie: the stream was
        // cut.
        if (error == SocketError.Success)
        {
            if (IsErrorOnItsWay())
            {
                WatchReceivable();
                return IByteSource.WouldBlock;
            }

            error = (SocketError)Volatile.Read(ref _toldElsewhere);
        }

        _ended = error == SocketError.Success;
        _error = error;
        ReadReadiness.Set();
        return _ended ? 0 : throw SocketErrors.Transfer(error, $"Reading from {PeerName}");
    }

    /// <summary>One try. Positive: so many bytes. Else <paramref name="error"/> says why not: success is the end of the stream.</summary>
    protected abstract int Receive(Span<byte> buffer, out SocketError error);

    /// <summary>
    /// After a receive that found the end of the stream: whether a send that was under way then may still have to tell of a reset.
    /// </summary>
    protected abstract bool IsErrorOnItsWay();

    /// <summary>
    /// Sees to it that the read event is set when there is something to receive, for whoever tries again without waiting. Nothing to
    /// do where it always is.
    /// </summary>
    protected virtual void WatchReceivable()
    {
    }

    public override void EndWaits()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        ReadReadiness.Close();
        _progress?.Close();
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
