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
    // How often to look whether descriptors are free again: closing one anywhere in the process is no event that could be waited for.
    private static readonly TimeSpan s_descriptorPause = TimeSpan.FromMilliseconds(50);

    private bool _reserveTouched;

    /// <summary>The file it is bound to, which goes with it; null if there is none.</summary>
    public UnixSocketFile? File { get; init; }

    /// <summary>Where it listens; of several sockets that are one, where each does.</summary>
    public virtual IReadOnlyList<EndPoint> LocalEndPoints => [LocalEndPoint];

    /// <summary>The descriptor, for handing over.</summary>
    public virtual SafeHandle Handle => throw new NotSupportedException();

    public override string KindName => "listener";

    public override string Title => $"The server at {Describe(() => LocalEndPoint)}";

    public override EndPoint? Peer => null;

    public override IScheduler RunsOn { get; } = scheduler;

    public override (string? For, TimeSpan Since) Wait => WaitAt(AcceptReadiness, "connections");

    protected ReadinessEvent AcceptReadiness { get; } = new(scheduler, initiallyReady: true);

    /// <summary>Waits for a connection. One call at a time.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed; trying again may succeed.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed, or was closed meanwhile.</exception>
    public virtual async ValueTask<StreamTransport> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await LeaveReserveAsync(cancellationToken).ConfigureAwait(false);
            if (AcceptReadiness.IsClosed)
            {
                throw Closed(TypeNames.ServerSocket);
            }

            if (TryAcceptOpen() is { } accepted)
            {
                return accepted;
            }

            WaitOutcome signal = await AcceptReadiness.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (signal == WaitOutcome.Closed)
            {
                throw Closed(TypeNames.ServerSocket);
            }
        }
    }

    /// <summary>A connection that has come, if there is one; null if not, or if the listener is closed. Never waits, and is for the last ones: after
    /// <see cref="RetireAsync"/>.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed.</exception>
    public abstract StreamTransport? TryAcceptNow();

    /// <summary>A connection, if the system has signalled one. For one caller at a time, as <see cref="AcceptAsync"/>.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed; trying again may succeed.</exception>
    public StreamTransport? TryAcceptSignalled() => TryAcceptOpen();

    /// <summary>Waits until <see cref="TryAcceptSignalled"/> is worth a try. One call at a time.</summary>
    public ValueTask<WaitOutcome> WaitAcceptableAsync() => AcceptReadiness.WaitAsync(CancellationToken.None);

    /// <summary>
    /// Told of each descriptor that was accepted. If it is one of the reserve (<see cref="DescriptorLimit"/>), the next accept waits until others are
    /// closed, and clients wait in the backlog.
    /// </summary>
    protected void OnAccepted(nint descriptor)
    {
        if (DescriptorLimit.IsReserved(descriptor))
        {
            IsReserveTouched = true;
        }
    }

    /// <summary>Whether what is accepted would be taken from the reserve.</summary>
    public virtual bool IsReserveTouched
    {
        get => Volatile.Read(ref _reserveTouched);
        set => Volatile.Write(ref _reserveTouched, value);
    }

    /// <summary>Whether the listener is closed.</summary>
    protected virtual bool IsClosed => AcceptReadiness.IsClosed;

    /// <summary>Waits until more than the reserve is left, or the listener is closed.</summary>
    protected ValueTask LeaveReserveAsync(CancellationToken cancellationToken) =>
        IsReserveTouched ? WaitForDescriptorsAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <summary>A connection, if one is there.</summary>
    protected abstract StreamTransport? TryAccept();

    // Whatever the system says of an accept that our own close has hit.
    protected StreamTransport? TryAcceptOpen()
    {
        try
        {
            return TryAccept();
        }
        catch (Exception exception) when (IsClosed && exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            throw Closed(TypeNames.ServerSocket);
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

        IsReserveTouched = false;
    }

    /// <summary>
    /// Begins no accept any more, and waits for the one that is under way. Others may accept from the same socket, so closing must not take
    /// a connection with it: it is the result. To be called until there is none.
    /// </summary>
    public virtual ValueTask<StreamTransport?> RetireAsync() => default;

    public override void EndWaits() => AcceptReadiness.Close();

    protected override void CloseCore(DisposalSteps steps)
    {
        steps.Run(EndWaits);
        steps.Run(() => File?.Release());
    }
}
