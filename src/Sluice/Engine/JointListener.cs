using System.Net;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>Combines several listening sockets of one port into one listener, which accepts from each in turn.</summary>
internal sealed class JointListener : ListenerTransport
{
    private readonly ListenerTransport[] _listeners;

    // Of the acceptor, of which there is one at a time, these three. A wait outlives a caller that gives up, because an event allows one wait at a
    // time, and the next caller continues it.
    private readonly Task<WaitOutcome>[] _waits;
    private Task<WaitOutcome>? _anyWait;
    private int _next;
    private volatile bool _closed;

    /// <param name="listeners">One listener at least, all of one engine. The end point of the first is that of the joint listener.</param>
    public JointListener(ListenerTransport[] listeners)
        : base(listeners[0].Engine, listeners[0].RunsOn)
    {
        _listeners = listeners;
        _waits = new Task<WaitOutcome>[listeners.Length];
        Options = new JointOptions([.. listeners.Select(listener => listener.Options)]);
    }

    public override EndPoint LocalEndPoint => _listeners[0].LocalEndPoint;

    public override IReadOnlyList<EndPoint> LocalEndPoints => [.. _listeners.Select(listener => listener.LocalEndPoint)];

    public override IOptionTarget Options { get; }

    public override bool IsReserveUsed
    {
        get => Array.Exists(_listeners, listener => listener.IsReserveUsed);
        set => Array.ForEach(_listeners, listener => listener.IsReserveUsed = value);
    }

    protected override bool IsClosed => _closed;

    public override (string? For, TimeSpan Since) Wait => _listeners[0].Wait;

    // The engine's list has the sockets, and not this.
    public override void SetOwner(ITransportOwner owner) => Array.ForEach(_listeners, listener => listener.SetOwner(owner));

    public override bool HoldOwnerWeakly(ITransportOwner owner) => Array.TrueForAll(_listeners, listener => listener.HoldOwnerWeakly(owner));

    public override void EndWaits()
    {
        _closed = true;
        Array.ForEach(_listeners, listener => listener.EndWaits());
    }

    public override void Close()
    {
        _closed = true;
        Array.ForEach(_listeners, listener => listener.Close());
    }

    public override async ValueTask<StreamTransport> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await WaitForReserveAsync(cancellationToken).ConfigureAwait(false);
            if (_closed)
            {
                throw Closed();
            }

            if (TryAcceptOpen() is { } accepted)
            {
                return accepted;
            }

            WaitOutcome signal = await WaitAsync().EndOrCancelAsync(cancellationToken).ConfigureAwait(false);
            if (signal == WaitOutcome.Closed)
            {
                throw Closed();
            }
        }
    }

    public override StreamTransport? TryAcceptNow()
    {
        foreach (ListenerTransport listener in _listeners)
        {
            if (listener.TryAcceptNow() is { } accepted)
            {
                return accepted;
            }
        }

        return null;
    }

    public override async ValueTask<StreamTransport?> RetireAsync()
    {
        foreach (ListenerTransport listener in _listeners)
        {
            if (await listener.RetireAsync().ConfigureAwait(false) is { } left)
            {
                return left;
            }
        }

        return null;
    }

    protected override StreamTransport? TryAccept()
    {
        for (int tried = 0; tried < _listeners.Length; tried++)
        {
            ListenerTransport listener = _listeners[_next];
            _next = (_next + 1) % _listeners.Length;
            if (listener.TryAcceptSignalled() is { } accepted)
            {
                return accepted;
            }
        }

        return null;
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        // Close closes each listener.
    }

    // Returns the same task until it is complete, so that a caller that gives up leaves no task behind.
    private Task<WaitOutcome> WaitAsync()
    {
        if (_anyWait is null or { IsCompleted: true })
        {
            for (int i = 0; i < _waits.Length; i++)
            {
                if (_waits[i] is null or { IsCompleted: true })
                {
                    _waits[i] = _listeners[i].WaitAcceptableAsync().AsTask();
                }
            }

            _anyWait = Task.WhenAny(_waits).Unwrap();
        }

        return _anyWait;
    }
}
