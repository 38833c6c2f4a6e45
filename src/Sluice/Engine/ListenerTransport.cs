using System.Net;
using System.Runtime.InteropServices;
using Sluice.Diagnostics;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A listening socket of an engine.</summary>
internal abstract class ListenerTransport(SocketEngine engine, IScheduler scheduler) : Transport(engine)
{
    // How often to check whether descriptors are free again. The system has no event for a descriptor that is closed somewhere in the process.
    private static readonly TimeSpan s_descriptorPause = TimeSpan.FromMilliseconds(50);

    // Written and read by the acceptor, of which there is one at a time, and by TryAcceptNow after it.
    private bool _reserveUsed;

    /// <summary>Gets the file that the socket is bound to; null if there is none.</summary>
    public UnixSocketFile? File { get; init; }

    /// <summary>Gets the end points at which it listens: one for each socket.</summary>
    public virtual IReadOnlyList<EndPoint> LocalEndPoints => [LocalEndPoint];

    /// <summary>Gets the descriptor, for a hand-over.</summary>
    public virtual SafeHandle Handle => throw new NotSupportedException();

    public override string KindName => "listener";

    public override string ClosedName => TypeNames.ServerSocket;

    public override string Title => $"The server at {Describe(() => LocalEndPoint)}";

    public override EndPoint? Peer => null;

    public override IScheduler RunsOn { get; } = scheduler;

    public override (string? For, TimeSpan Since) Wait => WaitAt(AcceptReadiness, "connections");

    protected ReadinessEvent AcceptReadiness { get; } = new(scheduler, initiallyReady: true);

    /// <summary>Waits for a connection. One call at a time.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed; trying again may succeed.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed, or is closed during the wait.</exception>
    public virtual async ValueTask<StreamTransport> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await WaitForReserveAsync(cancellationToken).ConfigureAwait(false);
            if (AcceptReadiness.IsClosed)
            {
                throw Closed();
            }

            if (TryAcceptOpen() is { } accepted)
            {
                return accepted;
            }

            WaitOutcome signal = await AcceptReadiness.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (signal == WaitOutcome.Closed)
            {
                throw Closed();
            }
        }
    }

    /// <summary>
    /// Accepts a connection without waiting; null if there is none, or the listener is closed. For the connections that are left after
    /// <see cref="RetireAsync"/>.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed.</exception>
    public abstract StreamTransport? TryAcceptNow();

    /// <summary>Accepts a connection if the system has signaled one. For one caller at a time, as <see cref="AcceptAsync"/>.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed; trying again may succeed.</exception>
    public StreamTransport? TryAcceptSignalled() => TryAcceptOpen();

    /// <summary>Waits until <see cref="TryAcceptSignalled"/> is worth a try. One call at a time.</summary>
    public ValueTask<WaitOutcome> WaitAcceptableAsync() => AcceptReadiness.WaitAsync(CancellationToken.None);

    /// <summary>
    /// Checks the descriptor of an accepted connection. If it is part of the reserve (<see cref="DescriptorLimit"/>), the next accept waits until others
    /// are closed, and clients wait in the backlog.
    /// </summary>
    protected void OnAccepted(nint descriptor)
    {
        if (DescriptorLimit.IsReserved(descriptor))
        {
            IsReserveUsed = true;
        }
    }

    /// <summary>Whether the last accepted connection has a descriptor of the reserve.</summary>
    public virtual bool IsReserveUsed
    {
        get => Volatile.Read(ref _reserveUsed);
        set => Volatile.Write(ref _reserveUsed, value);
    }

    /// <summary>Whether the listener is closed.</summary>
    protected virtual bool IsClosed => AcceptReadiness.IsClosed;

    /// <summary>Waits until the reserve is free, or the listener is closed.</summary>
    protected ValueTask WaitForReserveAsync(CancellationToken cancellationToken) =>
        IsReserveUsed ? WaitForDescriptorsAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Accepts a connection, if there is one.</summary>
    protected abstract StreamTransport? TryAccept();

    // The system may report any error for an accept that a close on this side has ended.
    protected StreamTransport? TryAcceptOpen()
    {
        try
        {
            return TryAccept();
        }
        catch (Exception exception) when (IsClosed && exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            throw Closed();
        }
    }

    protected static System.Net.Sockets.SocketException AcceptError(System.Net.Sockets.SocketError error, EndPoint localEndPoint) =>
        SocketErrors.At(error, "Accepting at", localEndPoint);

    private async ValueTask WaitForDescriptorsAsync(CancellationToken cancellationToken)
    {
        Engine.Logger.DescriptorsScarce(LocalEndPoint, DescriptorLimit.Reserve);
        while (!IsClosed && !DescriptorLimit.HasRoom())
        {
            await CancellableWaits.DelayAsync(s_descriptorPause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        IsReserveUsed = false;
    }

    /// <summary>
    /// Ends accepting, and waits for an accept in progress. Returns the connection that it has accepted, because another process that accepts from the
    /// same socket would not get it. To be called until it returns null.
    /// </summary>
    public virtual ValueTask<StreamTransport?> RetireAsync() => default;

    public override void EndWaits() => AcceptReadiness.Close();

    protected override void CloseCore(DisposalSteps steps)
    {
        steps.Run(EndWaits);
        steps.Run(() => File?.Release());
    }
}
