using Sluice.Options;

namespace Sluice.Connecting;

/// <summary>A caller's token, and a time after which all is to end as if it were cancelled.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;

    public Deadline(TimeSpan timeout, TimeProvider timeProvider, CancellationToken caller)
    {
        _caller = caller;
        _timer = Durations.CancelAfter(timeout, timeProvider);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    public CancellationToken Token => _linked.Token;

    /// <summary>Whether the time has passed; if the caller's token is cancelled, that is thrown.</summary>
    /// <exception cref="OperationCanceledException">With the caller's token.</exception>
    public bool HasPassed()
    {
        _caller.ThrowIfCancellationRequested();
        return _timer.IsCancellationRequested;
    }

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
