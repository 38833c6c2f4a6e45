using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A datagram socket of an engine, of IPv4, IPv6 or the Unix domain.</summary>
internal abstract class DatagramTransport(SocketEngine engine, IScheduler scheduler, AddressFamily family, EndPoint? remote) : Transport(engine)
{
    // How often a send is tried again at once, and the longest pause after that. A Unix domain socket whose peer is full may be reported as writable
    // (unix_dgram_poll in the kernel).
    private const int MaxQuickTries = 3;
    private const int MaxPauseMilliseconds = 20;

    private readonly Lock _dropsLock = new();

    // Set once, with a compare-exchange.
    private SemaphoreSlim? _senders;

    // Under _dropsLock.
    private uint _dropsSeen;
    private long _drops;

    public AddressFamily Family { get; } = family;

    /// <summary>Gets the peer of a connected socket; null if it is not connected. Callers get a copy, because they can change the object.</summary>
    public EndPoint? RemoteEndPoint { get; } = remote;

    /// <summary>Gets or sets the value of the option that was last set: most systems do not tell it for IPv4.</summary>
    public int MulticastInterface { get; set; }

    /// <summary>Gets the file that the socket is bound to; null if there is none.</summary>
    public UnixSocketFile? File { get; init; }

    public override string KindName => "datagrams";

    public override string ClosedName => TypeNames.DatagramSocket;

    protected override bool IsNamedByLocalEndPoint => true;

    public override string Title => $"The datagram socket at {Name}";

    /// <summary>Gets the description of a receive in a message.</summary>
    protected string ReceivingAt => RemoteEndPoint is null ? $"Receiving at {Name}" : $"Receiving from {Describe(() => RemoteEndPoint)}";

    private string Name => Describe(() => LocalEndPoint);

    public override EndPoint? Peer => RemoteEndPoint;

    public override IScheduler RunsOn { get; } = scheduler;

    public override (string? For, TimeSpan Since) Wait => WaitAt(SendReadiness, "room", ReceiveReadiness, "data");

    protected ReadinessEvent ReceiveReadiness { get; } = new(scheduler, initiallyReady: true);

    protected ReadinessEvent SendReadiness { get; } = new(scheduler);

    /// <summary>Gets how many datagrams for this socket the kernel has dropped for want of room.</summary>
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
                    // The count is that of SnapshotDrops.
                }

                return _drops;
            }
        }
    }

    /// <summary>
    /// Receives a datagram, if there is one. For one caller at a time, which calls <see cref="ReleaseReceived"/> when it has used the datagram.
    /// </summary>
    /// <exception cref="SocketException">The system reported an error. The socket can be used further.</exception>
    public abstract bool TryReceive(out IncomingDatagram datagram);

    /// <summary>Releases the memory of the datagram that <see cref="TryReceive"/> returned.</summary>
    public virtual void ReleaseReceived()
    {
    }

    public PooledTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken) => ReceiveReadiness.Wait(cancellationToken);

    /// <summary>Sends a datagram, for any number of callers. False if there is no room.</summary>
    /// <exception cref="SocketException">The system refuses, or reported an error of an earlier datagram. The socket can be used further.</exception>
    public abstract bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? remote);

    /// <summary>Sends as many datagrams as there is room for, in order.</summary>
    /// <returns>How many were sent.</returns>
    /// <exception cref="SocketException">The system refuses the first.</exception>
    public abstract int TrySend(ReadOnlySpan<OutgoingDatagram> datagrams);

    /// <summary>Sends a datagram for which <see cref="TrySend(ReadOnlySpan{byte}, EndPoint?)"/> has found no room.</summary>
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

    /// <summary>Sends datagrams for which <see cref="TrySend(ReadOnlySpan{OutgoingDatagram})"/> has found no room.</summary>
    /// <returns>How many were sent: not all if the system refuses the next one.</returns>
    public virtual async ValueTask<int> SendAsync(ReadOnlyMemory<OutgoingDatagram> datagrams, CancellationToken cancellationToken)
    {
        SemaphoreSlim senders = await EnterAsync(cancellationToken).ConfigureAwait(false);
        int sent = 0;
        try
        {
            int tries = 0;
            while (true)
            {
                int now = BeginTry() ? TrySend(datagrams.Span[sent..]) : 0;
                sent += now;
                if (sent == datagrams.Length)
                {
                    return sent;
                }

                // Sent in part: the socket is full, or the system refuses the next one. Only another try tells which, and without a full socket no signal comes.
                tries = now > 0 ? 0 : tries + 1;
                if (tries > 0)
                {
                    await WaitSendableAsync(tries, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (sent > 0 && exception is SocketException or OperationCanceledException)
        {
            // Reports the datagrams that were sent. The call for the rest gets the error.
            return sent;
        }
        finally
        {
            senders.Release();
        }
    }

    /// <summary>Joins or leaves a multicast group.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual void ChangeMembership(IPAddress group, IPAddress? source, int interfaceIndex, bool join) =>
        MulticastGroups.Change(OptionsForCallers, group, source, interfaceIndex, join);

    /// <summary>
    /// Gets the peer of a connected socket for callers: the end point of the system, because the one that was passed may have been changed, or be 0.0.0.0
    /// for this machine. Of a Unix domain socket it is the one that was passed, whose path may be relative.
    /// </summary>
    protected static EndPoint? PeerForCallers(EndPoint? name, EndPoint? asked) => name is IPEndPoint ? EndPoints.PlainCopy(name) : asked;

    public override void EndWaits()
    {
        ReceiveReadiness.Close();
        SendReadiness.Close();
    }

    /// <summary>Gets the description of a send in a message.</summary>
    protected string SendingTo(EndPoint? remote) => (remote ?? RemoteEndPoint) is { } to ? $"Sending to {Describe(() => to)}" : $"Sending from {Name}";

    protected override void CloseCore(DisposalSteps steps)
    {
        steps.Run(EndWaits);
        steps.Run(() => File?.Release());
    }

    /// <summary>Reads the count of drops for the last time, before the descriptor is closed.</summary>
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
                // The system does not count drops.
            }
        }
    }

    private bool TrySendOnce(ReadOnlySpan<byte> bytes, EndPoint? remote) => BeginTry() && TrySend(bytes, remote);

    // False if the budget is spent: the wait that follows lets other continuations run, and ends by itself.
    private bool BeginTry()
    {
        // A signal from before the try is not for it.
        SendReadiness.TryConsume();
        if (!LoopTurn.IsBudgetSpent)
        {
            return true;
        }

        SendReadiness.Set();
        return false;
    }

    private async ValueTask<SemaphoreSlim> EnterAsync(CancellationToken cancellationToken)
    {
        SemaphoreSlim senders = _senders ?? Interlocked.CompareExchange(ref _senders, new SemaphoreSlim(1, 1), null) ?? _senders;
        await senders.WaitAsync(cancellationToken).ConfigureAwait(false);
        return senders;
    }

    private async ValueTask WaitSendableAsync(int tries, CancellationToken cancellationToken)
    {
        if (tries > MaxQuickTries)
        {
            await CancellableWaits.DelayAsync(TimeSpan.FromMilliseconds(Math.Min(tries, MaxPauseMilliseconds)), Engine.KernelTime, cancellationToken).ConfigureAwait(false);
            return;
        }

        WaitOutcome signal = await SendReadiness.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (signal == WaitOutcome.Closed)
        {
            throw Closed();
        }
    }

    // The kernel's count has 32 bits and wraps around.
    private void CountDrops()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Counting the datagrams that a socket had no room for needs Linux (SO_MEMINFO).");
        }

        Span<uint> info = stackalloc uint[16];
        int length = Options.GetRawOption(LinuxConstants.SolSocket, LinuxConstants.SoMemInfo, MemoryMarshal.AsBytes(info));
        if (length <= LinuxConstants.MemInfoDrops * sizeof(uint))
        {
            throw new PlatformNotSupportedException("The kernel does not count the datagrams that a socket had no room for (SO_MEMINFO).");
        }

        uint now = info[LinuxConstants.MemInfoDrops];
        _drops += unchecked(now - _dropsSeen);
        _dropsSeen = now;
    }
}
