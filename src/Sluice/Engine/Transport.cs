using System.Net;
using Sluice.Diagnostics;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>A socket of an engine.</summary>
internal abstract partial class Transport(SocketEngine engine) : LinkedNode<Transport>, IMeteredSocket
{
    public SocketEngine Engine { get; } = engine;

    // The public socket, or a WeakReference to one that its user may drop: the list of open transports is reachable for as long as the engine is.
    // Written under the lock of that list, read without it.
    private object? _owner;

    /// <summary>Gets the public socket of this transport; null before there is one, and after it was collected.</summary>
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

    /// <exception cref="ObjectDisposedException">The socket was closed before the first access.</exception>
    public abstract EndPoint LocalEndPoint { get; }

    /// <summary>Gets access to the options of the open socket.</summary>
    public abstract IOptionTarget Options { get; }

    /// <summary>Gets the kind of the socket in a description.</summary>
    public abstract string KindName { get; }

    /// <summary>Gets the end point of the peer; null if the socket is not connected.</summary>
    public abstract EndPoint? Peer { get; }

    /// <summary>Gets the scheduler of its continuations.</summary>
    public abstract IScheduler RunsOn { get; }

    /// <summary>Gets what a caller waits for, and for how long; null if no caller waits.</summary>
    public abstract (string? For, TimeSpan Since) Wait { get; }

    /// <summary>Sets the owner, which is closed with the engine. If the engine is closed already, this closes the owner.</summary>
    public virtual void SetOwner(ITransportOwner owner) => Engine.Open.SetOwner(this, owner);

    /// <summary>Adds it to the engine's open transports: from now on <see cref="Close"/>, and the end of the engine, close it.</summary>
    /// <exception cref="ObjectDisposedException">The engine is closed: the descriptor is still the caller's.</exception>
    public void Enlist()
    {
        Engine.Open.Add(this);
        try
        {
            OnEnlisted();
        }
        catch
        {
            // The clock of a user has thrown. The descriptor is still the caller's, so a close must not find this one.
            Engine.Open.Remove(this);
            EndWaits();
            throw;
        }
    }

    /// <summary>
    /// Holds the owner weakly from now on, because its user has it and may drop it. False if the engine is closed, and so has closed the owner, or is
    /// about to.
    /// </summary>
    public virtual bool HoldOwnerWeakly(ITransportOwner owner) => Engine.Open.HoldOwnerWeakly(this, owner);

    /// <summary>Sets the owner. Called by <see cref="OpenTransports"/>, under its lock.</summary>
    internal void SetWeakOwner(ITransportOwner owner) => Volatile.Write(ref _owner, new WeakReference<ITransportOwner>(owner));

    /// <summary>Ends each wait, now and later. Closes no descriptor. Idempotent, for any thread.</summary>
    public abstract void EndWaits();

    /// <summary>Ends each wait and closes the descriptor. Idempotent, for any thread. Never throws: it logs what a step throws.</summary>
    public virtual void Close()
    {
        if (Engine.Open.Remove(this))
        {
            var steps = new DisposalSteps();
            CloseCore(steps);
            LogFailure(steps);
        }
    }

    /// <summary>Logs the exceptions of the steps of a close, if there are any.</summary>
    public void LogFailure(DisposalSteps steps)
    {
        if (steps.Failure is not null)
        {
            steps.LogFailure(Engine.Logger, KindName, Peer);
        }
    }

    /// <summary>Runs the steps of closing. Called once.</summary>
    protected abstract void CloseCore(DisposalSteps steps);

    /// <summary>
    /// Makes the registrations that <see cref="CloseCore"/> removes. A constructor cannot: a failure after it would leave them, and after this there is
    /// none.
    /// </summary>
    protected virtual void OnEnlisted()
    {
    }

    /// <summary>Gets the wait in progress at one of two events.</summary>
    protected static (string? For, TimeSpan Since) WaitAt(ReadinessEvent readiness, string waitsFor, ReadinessEvent? other = null, string? otherWaitsFor = null) =>
        readiness.Waited is { } since ? (waitsFor, since)
        : other?.Waited is { } otherSince ? (otherWaitsFor, otherSince)
        : default;
}
