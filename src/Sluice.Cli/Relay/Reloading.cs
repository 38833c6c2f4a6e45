using System.Runtime.InteropServices;

namespace Sluice.Cli.Relay;

/// <summary>Reads the arguments of a relay again at each SIGHUP, and checks the targets of the plan that holds.</summary>
/// <param name="plan">The first plan.</param>
/// <param name="read">Reads the arguments; null if no file has any, and a SIGHUP ends the process as usual.</param>
/// <param name="replace">Makes a plan of new arguments.</param>
internal sealed class Reloading(RelayPlan plan, Func<RelayArguments>? read, Func<RelayArguments, RelayPlan> replace)
{
    /// <summary>Runs until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var hangUp = new SemaphoreSlim(0);
        using PosixSignalRegistration? registration = read is null || OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            hangUp.Release();
        });
        while (!stopping.IsCancellationRequested)
        {
            using var checking = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            Task checks = plan.CheckAsync(checking.Token);
            await hangUp.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stopping.IsCancellationRequested)
            {
                Reload();
            }

            await checking.CancelAsync();
            await checks;
        }
    }

    private void Reload()
    {
        try
        {
            RelayArguments arguments = read!();
            IReadOnlyList<string> unchanged = plan.Arguments.FixedDifferences(arguments);
            plan = replace(arguments);
            plan.Log.Reloaded(plan.Targets.All, unchanged);
        }
        catch (Exception exception) when (Failures.IsExpected(exception))
        {
            plan.Log.NotReloaded(exception.Message);
        }
    }
}
