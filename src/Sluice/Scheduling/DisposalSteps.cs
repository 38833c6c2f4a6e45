using System.Runtime.ExceptionServices;

namespace Sluice.Scheduling;

/// <summary>
/// Runs the steps of a disposal. A step that throws keeps none of the others from running; what the steps threw is told once, at the end,
/// by the owner: logged, or thrown by <see cref="ThrowIfFailed"/>.
/// </summary>
internal sealed class DisposalSteps
{
    private List<Exception>? _failures;

    /// <summary>What the steps threw: the one exception, or an <see cref="AggregateException"/> of several; null if none threw.</summary>
    public Exception? Failure => _failures switch
    {
        null => null,
        [Exception one] => one,
        List<Exception> several => new AggregateException("Several steps of a disposal failed.", several),
    };

    /// <summary>Runs a step.</summary>
    public void Run(Action step) => Run(step, static step => step());

    /// <summary>Runs a step on <paramref name="target"/>.</summary>
    public void Run<T>(T target, Action<T> step)
    {
        try
        {
            step(target);
        }
        catch (Exception exception)
        {
            Add(exception);
        }
    }

    /// <summary>Runs a step that may suspend.</summary>
    public async Task RunAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Add(exception);
        }
    }

    /// <summary>Throws <see cref="Failure"/>, if there is one.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Add(Exception exception) => (_failures ??= []).Add(exception);
}
