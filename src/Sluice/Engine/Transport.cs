using System.Net;
using Sluice.Diagnostics;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A socket of an engine, as the engine's owner keeps track of it.</summary>
internal abstract partial class Transport(SocketEngine engine) : LinkedNode<Transport>, IMeteredSocket
{
    public SocketEngine Engine { get; } = engine;

    // The public socket itself, or a WeakReference to one that its user may drop. The list of open transports, whose lock guards this, is
    // reachable for as long as the engine is.
    private object? _owner;

    /// <summary>The public socket that stands on this transport; null while there is none, or no longer.</summary>
    public ITransportOwner? Owner
    {
        get => Volatile.Read(ref _owner) switch
        {
            ITransportOwner owner => owner,
            WeakReference<ITransportOwner> weak when weak.TryGetTarget(out ITransportOwner? owner) => owner,
            _ => null,
        };
        internal set => Volatile.Write(ref _owner, value);
    }

    /// <exception cref="ObjectDisposedException">Closed before it was ever asked for.</exception>
    public abstract EndPoint LocalEndPoint { get; }

    /// <summary>The options of the open socket.</summary>
    public abstract IOptionTarget Options { get; }

    /// <summary>What it is called in a description.</summary>
    public abstract string KindName { get; }

    /// <summary>Whom it is connected to; null for nobody.</summary>
    public abstract EndPoint? Peer { get; }

    /// <summary>Where its continuations run.</summary>
    public abstract IScheduler RunsOn { get; }

    /// <summary>What somebody waits for at it, and for how long; null for nothing.</summary>
    public abstract (string? For, TimeSpan Since) Wait { get; }

    /// <summary>Says who is to be closed when the engine is, which may be now.</summary>
    public virtual void SetOwner(ITransportOwner owner) => Engine.Open.SetOwner(this, owner);

    /// <summary>Adds it to the engine's open transports: from now on <see cref="Close"/>, and the end of the engine, close it.</summary>
    /// <exception cref="ObjectDisposedException">The engine is closed: the descriptor is still the caller's.</exception>
    public void Enlist()
    {
        Engine.Open.Add(this);
        OnEnlisted();
    }

    /// <summary>
    /// The user has the owner from now on, and may drop it. False if the engine is closed: it has closed the owner, or is about to.
    /// </summary>
    public virtual bool HoldOwnerWeakly(ITransportOwner owner) => Engine.Open.HoldOwnerWeakly(this, owner);

    /// <summary>Called by <see cref="OpenTransports"/> alone, in its lock.</summary>
    internal void SetWeakOwner(ITransportOwner owner) => Volatile.Write(ref _owner, new WeakReference<ITransportOwner>(owner));

    /// <summary>Ends every wait, now and later, and closes no descriptor. Idempotent, from any thread.</summary>
    public abstract void EndWaits();

    /// <summary>Ends what waits and closes the descriptor. Idempotent, from any thread. Never throws: what a step throws is logged.</summary>
    public virtual void Close()
    {
        if (Engine.Open.Remove(this))
        {
            var steps = new DisposalSteps();
            CloseCore(steps);
            LogFailure(steps);
        }
    }

    /// <summary>Logs what the steps of closing this threw, if they threw something.</summary>
    public void LogFailure(DisposalSteps steps)
    {
        if (steps.Failure is not null)
        {
            steps.LogFailure(Engine.Logger, KindName, Peer);
        }
    }

    /// <summary>Runs the steps of closing. Called once.</summary>
    protected abstract void CloseCore(DisposalSteps steps);

    /// <summary>Registers it where it is to be unregistered by <see cref="CloseCore"/>: a constructor may be followed by a failure, this is not.</summary>
    protected virtual void OnEnlisted()
    {
    }

    /// <summary>The wait of whichever of two gates has one.</summary>
    protected static (string? For, TimeSpan Since) WaitAt(ReadinessEvent readiness, string waitsFor, ReadinessEvent? other = null, string? otherWaitsFor = null) =>
        readiness.Waited is { } since ? (waitsFor, since)
        : other?.Waited is { } otherSince ? (otherWaitsFor, otherSince)
        : default;
}
