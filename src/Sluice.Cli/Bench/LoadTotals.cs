using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>What all connections have done, while it counts.</summary>
internal sealed class LoadTotals
{
    private long _messages;
    private long _started;
    private volatile bool _counts;

    public long Messages => Interlocked.Read(ref _messages);

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>For how long it has counted by now.</summary>
    public TimeSpan Running => Stopwatch.GetElapsedTime(_started);

    /// <summary>For how long it counted.</summary>
    public TimeSpan Elapsed { get; private set; }

    public void Start()
    {
        _started = Stopwatch.GetTimestamp();
        _counts = true;
    }

    public void Stop()
    {
        _counts = false;
        Elapsed = Running;
    }

    /// <summary>A message that was sent at <paramref name="sent"/> has come back.</summary>
    public void Add(long sent, long now)
    {
        if (_counts)
        {
            Interlocked.Increment(ref _messages);
            Latencies.Record(now - sent);
        }
    }
}
