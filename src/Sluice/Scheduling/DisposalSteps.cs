using System.Runtime.ExceptionServices;

namespace Sluice.Scheduling;

/// <summary>
/// Runs the steps of a disposal. A step that throws does not keep the others from running. The owner reports the failures once, at the end: it
/// logs them or calls <see cref="ThrowIfFailed"/>.
/// </summary>
internal sealed class DisposalSteps
{
    private List<Exception>? _failures;

    /// <summary>Gets the exception of the step that threw, an <see cref="AggregateException"/> of several; null if none threw.</summary>
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
