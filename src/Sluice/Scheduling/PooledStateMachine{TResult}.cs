using System.Threading.Tasks.Sources;

namespace Sluice.Scheduling;

/// <summary>Represents an asynchronous method that has waited: the source of the <see cref="ValueTask{TResult}"/> that its caller has.</summary>
internal abstract class PooledStateMachine<TResult> : SuspendedMethod, IValueTaskSource<TResult>, IValueTaskSource
{
    // Used by the method and by the one caller that waits.
    private ManualResetValueTaskSourceCore<TResult> _core;

    private SingleUse _use;

    public short Version => _core.Version;

    public void SetResult(TResult result) => _core.SetResult(result);

    public void SetException(Exception exception) => _core.SetException(exception);

    public TResult GetResult(short token)
    {
        _use.Take(ref _core, token);
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _use.Begin(_core.Version);
            Return();
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _use.OnCompleted(ref _core, continuation, state, token, flags);

    /// <summary>Returns the object to its pool. The next method may use it at once.</summary>
    protected abstract void Return();
}
