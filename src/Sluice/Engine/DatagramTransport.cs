using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A datagram socket of an engine, of any family that has datagrams.</summary>
internal abstract class DatagramTransport(SocketEngine engine, IScheduler scheduler, AddressFamily family, EndPoint? remote) : Transport(engine)
{
    // A full socket that says that it is not: what a Unix one does whose peer is full (unix_dgram_poll in the kernel).
    private const int MaxQuickTries = 3;
    private const int MaxPauseMilliseconds = 20;

    private readonly Lock _dropsLock = new();
    private SemaphoreSlim? _senders;
    private uint _dropsSeen;
    private long _drops;

    public AddressFamily Family { get; } = family;

    /// <summary>The peer of a connected socket; null for none. Not for callers, who might change it: they get a copy.</summary>
    public EndPoint? RemoteEndPoint { get; } = remote;

    /// <summary>The option of that name, which for IPv4 most systems do not tell: as it was last set.</summary>
    public int MulticastInterface { get; set; }

    /// <summary>The file it is bound to, which goes with it; null if there is none.</summary>
    public UnixSocketFile? File { get; init; }

    public override string KindName => "datagrams";

    public override string Title => $"The datagram socket at {Name}";

    /// <summary>What a receive does, in a message.</summary>
    protected string ReceivingAt => RemoteEndPoint is null ? $"Receiving at {Name}" : $"Receiving from {SocketErrors.Describe(RemoteEndPoint)}";

    private string Name => Describe(() => LocalEndPoint);

    public override EndPoint? Peer => RemoteEndPoint;

    public override IScheduler RunsOn { get; } = scheduler;

    public override (string? For, TimeSpan Since) Wait => WaitAt(SendReadiness, "room", ReceiveReadiness, "data");

    protected ReadinessEvent ReceiveReadiness { get; } = new(scheduler, initiallyReady: true);

    protected ReadinessEvent SendReadiness { get; } = new(scheduler);

    /// <summary>Datagrams for this socket that the kernel had no room for.</summary>
    /// <exception cref="PlatformNotSupportedException">The system does not count them.</exception>
    public long Drops
    {
        get
        {
            lock (_dropsLock)
            {
                try
                {
                    CountDrops();
                }
                catch (ObjectDisposedException)
                {
                    // What was counted when it was closed.
                }

                return _drops;
            }
        }
    }

    /// <summary>The next datagram, if there is one. One caller at a time, who calls <see cref="ReleaseReceived"/> when it has looked at it.</summary>
    /// <exception cref="SocketException">The system told an error. The socket goes on.</exception>
    public abstract bool TryReceive(out IncomingDatagram datagram);

    /// <summary>What <see cref="TryReceive"/> gave is no longer needed.</summary>
    public virtual void ReleaseReceived()
    {
    }

    public ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken) => ReceiveReadiness.WaitAsync(cancellationToken);

    /// <summary>Sends, from any number of callers. False: no room now.</summary>
    /// <exception cref="SocketException">The system refuses, or told an error of an earlier one. The socket goes on.</exception>
    public abstract bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? remote);

    /// <summary>Sends as many as there is room for, in order.</summary>
    /// <returns>How many were sent.</returns>
    /// <exception cref="SocketException">The system refuses the first.</exception>
    public abstract int TrySend(ReadOnlySpan<OutgoingDatagram> datagrams);

    /// <summary>After <see cref="TrySend(ReadOnlySpan{byte}, EndPoint?)"/> found no room.</summary>
    public virtual async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, EndPoint? remote, CancellationToken cancellationToken)
    {
        SemaphoreSlim senders = await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int tries = 1; !TrySendOnce(bytes.Span, remote); tries++)
            {
                await WaitSendableAsync(tries, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            senders.Release();
        }
    }

    /// <summary>After <see cref="TrySend(ReadOnlySpan{OutgoingDatagram})"/> found no room for all.</summary>
    /// <returns>How many were sent: fewer than given if the system refuses the next.</returns>
    public virtual async ValueTask<int> SendAsync(ReadOnlyMemory<OutgoingDatagram> datagrams, CancellationToken cancellationToken)
    {
        SemaphoreSlim senders = await EnterAsync(cancellationToken).ConfigureAwait(false);
        int sent = 0;
        try
        {
            int tries = 0;
            while (true)
            {
                // No signal of before the try: it was for another.
                SendReadiness.TryConsume();
                int now = LoopTurn.IsBudgetSpent ? 0 : TrySend(datagrams.Span[sent..]);
                sent += now;
                if (sent == datagrams.Length)
                {
                    return sent;
                }

                tries = now > 0 ? 1 : tries + 1;
                await WaitSendableAsync(tries, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (sent > 0 && exception is SocketException or OperationCanceledException)
        {
            // What was sent was sent; whoever sends the rest hears of it.
            return sent;
        }
        finally
        {
            senders.Release();
        }
    }

    /// <summary>
    /// The end point of a connected socket's peer, for callers: as the system has it, since the one that was asked for may be changed, or any (0.0.0.0
    /// is this machine). A Unix domain socket is called what the caller calls it, which for a relative path may differ from its own name.
    /// </summary>
    protected static EndPoint? Shown(EndPoint? name, EndPoint? asked) => name is IPEndPoint ? EndPoints.PlainCopy(name) : asked;

    public override void EndWaits()
    {
        ReceiveReadiness.Close();
        SendReadiness.Close();
    }

    /// <summary>What a send does, in a message.</summary>
    protected string SendingTo(EndPoint? remote) => (remote ?? RemoteEndPoint) is { } to ? $"Sending to {SocketErrors.Describe(to)}" : $"Sending from {Name}";

    protected override void CloseCore(DisposalSteps steps)
    {
        steps.Run(EndWaits);
        steps.Run(() => File?.Release());
    }

    /// <summary>To be called before the descriptor is closed, after which nobody can ask.</summary>
    protected void SnapshotDrops()
    {
        lock (_dropsLock)
        {
            try
            {
                CountDrops();
            }
            catch (Exception exception) when (exception is PlatformNotSupportedException or SocketException)
            {
                // Then nobody is told, ever.
            }
        }
    }

    private bool TrySendOnce(ReadOnlySpan<byte> bytes, EndPoint? remote)
    {
        SendReadiness.TryConsume();
        return !LoopTurn.IsBudgetSpent && TrySend(bytes, remote);
    }

    private async ValueTask<SemaphoreSlim> EnterAsync(CancellationToken cancellationToken)
    {
        SemaphoreSlim senders = _senders ?? Interlocked.CompareExchange(ref _senders, new SemaphoreSlim(1, 1), null) ?? _senders;
        await senders.WaitAsync(cancellationToken).ConfigureAwait(false);
        return senders;
    }

    private async ValueTask WaitSendableAsync(int tries, CancellationToken cancellationToken)
    {
        if (LoopTurn.IsBudgetSpent)
        {
            // There may be room; the wait lets others run first.
            SendReadiness.Set();
        }
        else if (tries > MaxQuickTries)
        {
            await CancellableWaits.DelayAsync(TimeSpan.FromMilliseconds(Math.Min(tries, MaxPauseMilliseconds)), Engine.TimeProvider, cancellationToken).ConfigureAwait(false);
            return;
        }

        WaitOutcome signal = await SendReadiness.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (signal == WaitOutcome.Closed)
        {
            throw Closed(TypeNames.DatagramSocket);
        }
    }

    // The kernel's number has 32 bits.
    private void CountDrops()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Only Linux counts the datagrams that a socket had no room for (SO_MEMINFO).");
        }

        Span<uint> info = stackalloc uint[16];
        int length = Options.GetRawOption(LinuxConstants.SolSocket, LinuxConstants.SoMemInfo, MemoryMarshal.AsBytes(info));
        if (length <= LinuxConstants.MemInfoDrops * sizeof(uint))
        {
            throw new PlatformNotSupportedException("This kernel does not count the datagrams that a socket had no room for (SO_MEMINFO).");
        }

        uint now = info[LinuxConstants.MemInfoDrops];
        _drops += unchecked(now - _dropsSeen);
        _dropsSeen = now;
    }
}
