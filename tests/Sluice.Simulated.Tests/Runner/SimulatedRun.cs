using System.Reflection;
using System.Runtime.ExceptionServices;
using Sluice.Testing;
using Sluice.Testing.Scheduling;

namespace Sluice;

/// <summary>A test on a simulated host: a new instance of its fixture, with its set-up, the test, and its tear-down.</summary>
internal sealed class SimulatedRun(SimulatedNetwork network)
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [ThreadStatic]
    private static SimulatedRun? s_current;

    /// <summary>Gets the run of this thread.</summary>
    public static SimulatedRun Current => s_current ?? throw new InvalidOperationException("This is not the thread of a simulation.");

    public SimulatedHost Host { get; } = network.AddHost("host");

    /// <summary>Runs a test.</summary>
    public Task RunAsync(object fixture, MethodInfo test, object?[] arguments)
    {
        s_current = this;
        return Host.RunAsync(async _ =>
        {
            try
            {
                await CallAllAsync<SetUpAttribute>(fixture, baseFirst: true);
                await CallAsync(fixture, test, arguments);
            }
            finally
            {
                await CallAllAsync<TearDownAttribute>(fixture, baseFirst: false);
            }
        });
    }

    /// <summary>Gets what code fails with, and lets the simulation run until then.</summary>
    public Exception? FailureOf(Func<Task> code)
    {
        try
        {
            Wait(code());
            return null;
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            return exception;
        }
    }

    /// <summary>Lets the simulation run until a task has ended, as a call that blocks does.</summary>
    public void Wait(Task ended)
    {
        SimulationLoop loop = network.Loop;
        loop.RunNested(ended);
        if (loop.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        ended.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Wait(Task)"/>
    public T Wait<T>(Task<T> ended)
    {
        Wait((Task)ended);
        return ended.Result;
    }

    private static async Task CallAllAsync<T>(object fixture, bool baseFirst)
        where T : Attribute
    {
        var types = new List<Type>();
        for (Type? type = fixture.GetType(); type is not null; type = type.BaseType)
        {
            types.Add(type);
        }

        if (baseFirst)
        {
            types.Reverse();
        }

        foreach (MethodInfo method in types.SelectMany(type => type.GetMethods(AnyInstance)).Where(method => method.IsDefined(typeof(T))))
        {
            await CallAsync(fixture, method, []);
        }
    }

    private static Task CallAsync(object fixture, MethodInfo method, object?[] arguments) =>
        method.Invoke(fixture, BindingFlags.DoNotWrapExceptions, null, arguments, null) switch
        {
            Task task => task,
            ValueTask task => task.AsTask(),
            _ => Task.CompletedTask,
        };
}
