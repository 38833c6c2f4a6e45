using Sluice.Cli.Bench.Reports;

namespace Sluice.Cli.Bench.Ramps;

/// <summary>Runs <c>sluice bench --ramp</c>: a load after the other, each greater, until the server does not keep up.</summary>
internal sealed class RampRun(BenchSettings settings)
{
    private readonly List<RampStep> _steps = [];

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        using var report = ReportFile.Open(settings.Report);
        var output = new RampOutput(settings, report);
        BenchSettings next = settings;
        while (true)
        {
            var step = new RampStep(next, new LoadTotals());
            try
            {
                await new Load(step.Settings, step.Totals) { Connected = () => output.Begin(step), SecondPassed = () => output.Tick(step) }.RunAsync(signals.Stopping);
            }
            catch (Exception exception) when (Failures.IsExpected(exception) && (_steps.Count > 0 || step.Totals.Count > 0))
            {
                step = step with { Error = exception.Message };

                // The results have the error, too.
                Keep(step, output);
                output.End(new RampResult(_steps, step, RampEnd.Error));
                return Failures.Report(Failures.MessageOf(exception));
            }
            catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
            {
                // The results of the steps before are printed.
            }

            Keep(step, output);
            if (_steps.Count == 0)
            {
                throw new IOException(BenchRun.NothingFrom(settings, signals));
            }

            RampEnd? end = signals.Stopping.IsCancellationRequested ? RampEnd.Stopped : step.Verdict();
            BenchSettings? greater = settings.Ramp!.Next(step.Settings);
            if (end is not null || greater is null || _steps.Count == settings.Ramp.MaxSteps)
            {
                output.End(new RampResult(_steps, step, end ?? RampEnd.Steps));
                return ExitCodes.Success;
            }

            next = greater;
        }
    }

    private void Keep(RampStep step, RampOutput output)
    {
        if (step.Totals.Count > 0)
        {
            _steps.Add(step);
            output.Add(step);
        }
    }
}
