namespace Sluice.Cli.Bench;

/// <summary>Runs <c>sluice bench</c>: one load.</summary>
internal sealed class BenchRun(BenchSettings settings)
{
    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        var totals = new LoadTotals();
        var output = new BenchOutput(settings);
        try
        {
            await new Load(settings, totals) { Connected = output.Begin, SecondPassed = () => output.Tick(totals) }.RunAsync(signals.Stopping);
        }
        catch (Exception exception) when (totals.Count > 0 && Failures.IsExpected(exception))
        {
            output.End(totals, exception.Message);
            throw;
        }

        if (totals.Count == 0)
        {
            return Failures.Report(settings.Kind == LoadKind.Send ? $"{settings.Address} received nothing." : $"Nothing came back from {settings.Address}.");
        }

        output.End(totals);
        return ExitCodes.Success;
    }
}
