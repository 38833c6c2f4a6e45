using Sluice.Cli.Bench.Reports;

namespace Sluice.Cli.Bench;

/// <summary>Runs <c>sluice bench</c>: one load.</summary>
internal sealed class BenchRun(BenchSettings settings)
{
    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        using var report = ReportFile.Open(settings.Report);
        var totals = new LoadTotals();
        var output = new BenchOutput(settings, report);
        try
        {
            await new Load(settings, totals) { Connected = output.Begin, SecondPassed = () => output.Tick(totals) }.RunAsync(signals.Stopping);
        }
        catch (Exception exception) when (totals.Count > 0 && Failures.IsExpected(exception))
        {
            // The results have the error, too.
            output.End(totals, exception.Message);
            return Failures.Report(Failures.MessageOf(exception));
        }
        catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
        {
            // Stopped before all connections were open.
        }

        if (totals.Count == 0)
        {
            throw new IOException(NothingFrom(settings, signals));
        }

        output.End(totals);
        return ExitCodes.Success;
    }

    /// <summary>Says why there are no results.</summary>
    public static string NothingFrom(BenchSettings settings, StopSignals signals) => settings.Kind switch
    {
        _ when signals.Stopping.IsCancellationRequested => "Stopped before anything was measured.",
        LoadKind.Send => $"{settings.Address} received nothing.",
        _ => $"Nothing came back from {settings.Address}.",
    };
}
