using NUnit.Framework.Constraints;

namespace Sluice;

/// <summary>Stands for NUnit's class, whose asynchronous assertions block the thread. These let the simulation run on.</summary>
internal abstract class Assert : NUnit.Framework.Assert
{
    public static new T? ThrowsAsync<T>(Func<Task> code)
        where T : Exception
    {
        Exception? failure = SimulatedRun.Current.FailureOf(code);
        That(failure, Is.TypeOf<T>());
        return (T?)failure;
    }

    public static new T? CatchAsync<T>(Func<Task> code)
        where T : Exception
    {
        Exception? failure = SimulatedRun.Current.FailureOf(code);
        That(failure, Is.InstanceOf<T>());
        return (T?)failure;
    }

    public static new Exception? CatchAsync(Func<Task> code) => CatchAsync<Exception>(code);

    public static new void DoesNotThrowAsync(Func<Task> code) => That(SimulatedRun.Current.FailureOf(code), Is.Null);

    public static void That(Func<Task> code, IResolveConstraint constraint)
    {
        Exception? failure = SimulatedRun.Current.FailureOf(code);
        That(() => failure is null ? 0 : throw failure, constraint);
    }
}
