namespace Sluice.Options;

/// <summary>Combines a caller's token with a timeout: <see cref="Token"/> is cancelled by whichever comes first.</summary>
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

    /// <summary>Gets whether the timeout has passed.</summary>
    /// <exception cref="OperationCanceledException">The caller's token is cancelled; the exception carries that token.</exception>
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
