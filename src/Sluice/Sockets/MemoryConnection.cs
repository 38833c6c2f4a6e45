using System.Net;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Tls;

namespace Sluice.Sockets;

/// <summary>Represents one end of two connected pipes, which closes as a socket does.</summary>
internal sealed class MemoryConnection(ByteChannel incoming, ByteChannel outgoing, EndPoint local, EndPoint remote, ByteChannelOptions options)
    : IConnectionOwner
{
    // Guards the fields below. Those that are volatile are read without it.
    private readonly Lock _lock = new();
    private volatile TlsLayer? _layer;
    private volatile Connection? _secured;
    private Task? _closing;
    private volatile CloseReason _closedBy;

    public IScheduler Scheduler => ThreadPoolScheduler.Instance;

    public TimeProvider TimeProvider => options.TimeProvider;

    public EndPoint LocalEndPoint => local;

    public EndPoint RemoteEndPoint => remote;

    public TlsLayer? Layer => _layer;

    public bool IsClosed => _closedBy != CloseReason.Unknown;

    public void BeginTls(TlsLayer layer)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            _layer = _layer is null ? layer : throw new InvalidOperationException("The connection uses TLS already.");
        }
    }

    public Connection OpenConnection()
    {
        lock (_lock)
        {
            // A close that came before this has not closed these channels.
            ThrowIfClosed();
            return _secured = new Connection(
                this, new ByteReadChannel(_layer!.Source, pool: null), new ByteWriteChannel(_layer.Sink, pool: null, autoFlush: true));
        }
    }

    public ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource? first = null;
        Task closing;
        NoteClose(CloseReason.Closed);
        lock (_lock)
        {
            closing = _closing ??= (first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        if (first is not null)
        {
            // Outside the lock: the clock may be the user's.
            _ = CloseAsync(first);
        }

        return new ValueTask(closing.EndOrCancelAsync(cancellationToken));
    }

    public void Abort() => Abort(CloseReason.Aborted);

    public void Abort(CloseReason reason)
    {
        NoteClose(reason);
        var steps = new DisposalSteps();
        Abort(steps);
        steps.ThrowIfFailed();
    }

    /// <summary>Makes the exception for a call after a close on this side.</summary>
    public ObjectDisposedException Closed() =>
        new(typeof(Connection).FullName, $"The connection in memory to {SocketErrors.Describe(remote)} {_closedBy.Explain()}.");

    // The first reason counts. From here on, no session begins, and the channels of one that has begun are known.
    private void NoteClose(CloseReason reason)
    {
        lock (_lock)
        {
            if (_closedBy == CloseReason.Unknown)
            {
                _closedBy = reason;
            }
        }
    }

    // Under the lock.
    private void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw Closed();
        }
    }

    private void Abort(DisposalSteps steps)
    {
        steps.Run(() => _secured?.Input.Cancel());
        steps.Run(() => _secured?.Output.DiscardAndClose());
        steps.Run(() => incoming.Reader.Cancel());
        steps.Run(outgoing.Reset);
        steps.Run(() => _layer?.Dispose());
    }

    // Never fails: the task of the source does.
    private async Task CloseAsync(TaskCompletionSource closing)
    {
        try
        {
            await CloseCoreAsync().ConfigureAwait(false);
            closing.SetResult();
        }
        catch (Exception exception)
        {
            closing.SetException(exception);
        }
    }

    private async Task CloseCoreAsync()
    {
        var steps = new DisposalSteps();
        steps.Run(() => _secured?.Input.Cancel());
        bool drained = false;
        await steps.RunAsync(async () => drained = await (_layer is { } layer ? DrainAsync(layer) : DrainAsync(options.CloseTimeout)).ConfigureAwait(false))
            .ConfigureAwait(false);
        if (!drained)
        {
            Abort(steps);
        }

        steps.Run(() => _layer?.Dispose());
        steps.ThrowIfFailed();
    }

    private Task<bool> DrainAsync(TimeSpan timeout)
    {
        incoming.Reader.Cancel();
        return outgoing.DrainAsync(timeout, TimeProvider);
    }

    // One timeout for all of it.
    private async Task<bool> DrainAsync(TlsLayer layer)
    {
        long started = TimeProvider.GetTimestamp();
        try
        {
            Task drained = _secured?.Output.BeginClose() ?? Task.CompletedTask;
            await drained.WaitAsync(TimeLeft(started), TimeProvider).ConfigureAwait(false);
            await layer.ShutdownAsync().WaitAsync(TimeLeft(started), TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }

        return await DrainAsync(TimeLeft(started)).ConfigureAwait(false);
    }

    private TimeSpan TimeLeft(long started) => Durations.Left(options.CloseTimeout, started, TimeProvider);
}
