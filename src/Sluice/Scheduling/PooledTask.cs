using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Sluice.Scheduling;

/// <summary>
/// Represents a result that is there, or comes from a pooled object; to be awaited once. It is what a <see cref="ValueTask{TResult}"/> is with
/// <c>ConfigureAwait(false)</c>, but methods of <see cref="PooledMethodBuilder{TResult}"/> continue after it without a delegate of their own. Other methods
/// await <see cref="AsValueTask"/>, which the framework's builders know.
/// </summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
[AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
internal readonly struct PooledTask<TResult> : ICriticalNotifyCompletion
{
    private static readonly Action<object?> s_invoke = static continuation => Unsafe.As<Action>(continuation!)();

    // Null if the result is there.
    private readonly IValueTaskSource<TResult>? _source;
    private readonly TResult? _result;
    private readonly short _token;

    public PooledTask(TResult result) => _result = result;

    public PooledTask(IValueTaskSource<TResult> source, short token)
    {
        _source = source;
        _token = token;
    }

    public bool IsCompleted => _source is null || _source.GetStatus(_token) != ValueTaskSourceStatus.Pending;

    public ValueTask<TResult> AsValueTask() => _source is null ? new ValueTask<TResult>(_result!) : new ValueTask<TResult>(_source, _token);

    public PooledTask<TResult> GetAwaiter() => this;

    public TResult GetResult() => _source is null ? _result! : _source.GetResult(_token);

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => _source!.OnCompleted(s_invoke, continuation, _token, ValueTaskSourceOnCompletedFlags.None);

    /// <summary>Continues the method when there is a result.</summary>
    public void OnCompleted(SuspendedMethod method) =>
        _source!.OnCompleted(SuspendedMethod.Continuation, method, _token, ValueTaskSourceOnCompletedFlags.None);
}
