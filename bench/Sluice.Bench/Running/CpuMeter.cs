using System.Diagnostics;

namespace Sluice.Bench.Running;

/// <summary>Watches what processor time a server uses, so that afterwards any stretch of time can be asked for.</summary>
internal sealed class CpuMeter : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(50);

    private readonly ServerProcess _server;
    private readonly List<(long At, TimeSpan Used)> _samples = [];
    private readonly Timer _timer;

    public CpuMeter(ServerProcess server)
    {
        _server = server;
        _timer = new Timer(_ => Sample(), null, TimeSpan.Zero, s_period);
    }

    /// <summary>
    /// Seconds of processor time a second, of load that was told at <paramref name="endedAt"/> to have ended; not a number if it was too short.
    /// </summary>
    public double Usage(long endedAt, double seconds)
    {
        // When it was told, it had ended a little before: the load closes its connections first. The warm-up before it is load as well,
        // so a stretch that is earlier by a part of that is load throughout.
        long from = endedAt - (long)((seconds + (LoadProcess.WarmUpSeconds / 2)) * Stopwatch.Frequency);
        long to = endedAt - (long)(LoadProcess.WarmUpSeconds * Stopwatch.Frequency);
        (long At, TimeSpan Used)[] within;
        lock (_samples)
        {
            within = [.. _samples.Where(sample => sample.At >= from && sample.At <= to)];
        }

        return within.Length < 2
            ? double.NaN
            : (within[^1].Used - within[0].Used).TotalSeconds / Stopwatch.GetElapsedTime(within[0].At, within[^1].At).TotalSeconds;
    }

    public void Dispose()
    {
        using var ended = new ManualResetEvent(false);
        _timer.Dispose(ended);
        ended.WaitOne();
    }

    private void Sample()
    {
        try
        {
            lock (_samples)
            {
                _samples.Add((Stopwatch.GetTimestamp(), _server.ProcessorTime));
            }
        }
        catch (InvalidOperationException)
        {
            // The server has left; the load will tell.
        }
    }
}
