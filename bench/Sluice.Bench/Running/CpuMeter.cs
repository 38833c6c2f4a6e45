namespace Sluice.Bench.Running;

/// <summary>Samples the processor time of a server, so that its use in any period can be computed afterwards.</summary>
internal sealed class CpuMeter : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(50);

    private readonly ServerProcess _server;
    private readonly List<(DateTime At, TimeSpan Used)> _samples = [];
    private readonly Timer _timer;

    public CpuMeter(ServerProcess server)
    {
        _server = server;
        Sample();
        _timer = new Timer(_ => Sample(), null, s_period, s_period);
    }

    /// <summary>Returns the seconds of processor time, user and system, in a period.</summary>
    public double SecondsBetween(DateTime from, DateTime to)
    {
        Sample();
        lock (_samples)
        {
            return (UsedBy(to) - UsedBy(from)).TotalSeconds;
        }
    }

    public void Dispose()
    {
        using var ended = new ManualResetEvent(false);
        _timer.Dispose(ended);
        ended.WaitOne();
    }

    // Interpolates between two samples.
    private TimeSpan UsedBy(DateTime time)
    {
        int next = Math.Clamp(_samples.FindIndex(sample => sample.At >= time), 1, _samples.Count - 1);
        (DateTime At, TimeSpan Used) before = _samples[next - 1];
        (DateTime At, TimeSpan Used) after = _samples[next];
        return before.Used + ((after.Used - before.Used) * ((time - before.At) / (after.At - before.At)));
    }

    private void Sample()
    {
        try
        {
            lock (_samples)
            {
                _samples.Add((DateTime.UtcNow, _server.ProcessorTime));
            }
        }
        catch (InvalidOperationException)
        {
            // The server has exited; the load reports it.
        }
    }
}
