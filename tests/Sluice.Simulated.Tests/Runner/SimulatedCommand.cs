using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;
using Sluice.Testing;

namespace Sluice;

/// <summary>Runs a test in a simulation.</summary>
internal sealed class SimulatedCommand : DelegatingTestCommand
{
    // The first runs twice.
    private const int Seeds = 1;

    private SimulatedCommand(TestCommand command)
        : base(command)
    {
    }

    /// <summary>Wraps the command of a test, once, if its fixture has an engine.</summary>
    public static TestCommand Wrap(TestCommand command) =>
        command is SimulatedCommand || !typeof(BothEngines).IsAssignableFrom(command.Test.TypeInfo?.Type) ? command : new SimulatedCommand(command);

    public override TestResult Execute(TestExecutionContext context)
    {
        var test = (TestMethod)Test;
        object?[] arguments = FixtureOf(test).Arguments;
        try
        {
            var options = new SimulationOptions { ChecksDeterminism = false, RealTimeLimit = TimeSpan.FromMinutes(3) };
            Simulation.RunAsync(
                Seeds,
                network => new SimulatedRun(network).RunAsync(Activator.CreateInstance(test.TypeInfo!.Type, arguments)!, test.Method.MethodInfo, test.Arguments),
                options).GetAwaiter().GetResult();
            context.CurrentResult.SetResult(NUnit.Framework.Interfaces.ResultState.Success);
        }
        catch (SimulationException exception) when (exception.InnerException is ResultStateException and not AssertionException)
        {
            context.CurrentResult.RecordException(exception.InnerException);
        }
        catch (Exception exception)
        {
            context.CurrentResult.RecordException(exception);
        }

        return context.CurrentResult;
    }

    private static TestFixture FixtureOf(Test test)
    {
        NUnit.Framework.Interfaces.ITest? at = test;
        while (at is not TestFixture)
        {
            at = at!.Parent;
        }

        return (TestFixture)at;
    }
}
