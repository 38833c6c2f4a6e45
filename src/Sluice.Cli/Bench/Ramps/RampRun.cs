namespace Sluice.Cli.Bench.Ramps;

/// <summary>Runs <c>sluice bench --ramp</c>: a load after the other, each greater, until the server does not keep up.</summary>
internal sealed class RampRun(BenchSettings settings)
{
    private readonly RampOutput _output = new(settings);
    private readonly List<RampStep> _steps = [];

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        BenchSettings next = settings;
        while (true)
        {
            var step = new RampStep(next, new LoadTotals());
            try
            {
                await new Load(step.Settings, step.Totals) { Connected = () => _output.Begin(step), SecondPassed = () => _output.Tick(step) }.RunAsync(signals.Stopping);
            }
            catch (Exception exception) when (Failures.IsExpected(exception) && (_steps.Count > 0 || step.Totals.Count > 0))
            {
                step = step with { Error = exception.Message };
                Keep(step);
                End(step, RampEnd.Error);
                throw;
            }
            catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
            {
                // The results of the steps before are printed.
            }

            Keep(step);
            if (_steps.Count == 0)
            {
                return Failures.Report($"Nothing came back from {settings.Address}.");
            }

            RampEnd? end = signals.Stopping.IsCancellationRequested ? RampEnd.Stopped : step.Verdict();
            BenchSettings? greater = settings.Ramp!.Next(step.Settings);
            if (end is not null || greater is null || _steps.Count == settings.Ramp.MaxSteps)
            {
                End(step, end ?? RampEnd.Steps);
                return ExitCodes.Success;
            }

            next = greater;
        }
    }

    private void Keep(RampStep step)
    {
        if (step.Totals.Count > 0)
        {
            _steps.Add(step);
            _output.Add(step);
        }
    }

    private void End(RampStep last, RampEnd end) => _output.End(new RampResult(_steps, last, end));
}
