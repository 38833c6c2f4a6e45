using System.Net;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>Several listening sockets of one port as one: a connection to any of them is the next one. They take turns.</summary>
internal sealed class JointListener : ListenerTransport
{
    private readonly ListenerTransport[] _listeners;

    // A wait goes on when the caller has given up, since the gates allow one at a time; the next caller goes on with it.
    private readonly Task<WaitOutcome>[] _waits;
    private Task<WaitOutcome>? _anyWait;
    private int _next;
    private volatile bool _closed;

    /// <param name="listeners">At least one, of one engine. The first one's end point is that of all.</param>
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

    public override bool IsReserveTouched
    {
        get => Array.Exists(_listeners, listener => listener.IsReserveTouched);
        set => Array.ForEach(_listeners, listener => listener.IsReserveTouched = value);
    }

    protected override bool IsClosed => _closed;

    public override (string? For, TimeSpan Since) Wait => _listeners[0].Wait;

    // The engine knows the sockets, and not that they are one.
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
            await LeaveReserveAsync(cancellationToken).ConfigureAwait(false);
            if (_closed)
            {
                throw Closed(TypeNames.ServerSocket);
            }

            if (TryAcceptOpen() is { } accepted)
            {
                return accepted;
            }

            WaitOutcome signal = await WaitAsync().EndOrCancelAsync(cancellationToken).ConfigureAwait(false);
            if (signal == WaitOutcome.Closed)
            {
                throw Closed(TypeNames.ServerSocket);
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
        // Each of them closes itself.
    }

    // The same task until it is complete: each caller who gives up leaves nothing behind.
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
