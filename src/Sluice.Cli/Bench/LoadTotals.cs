using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>What all connections have done, while it counts.</summary>
internal sealed class LoadTotals
{
    private long _count;
    private long _started;
    private volatile bool _counts;

    /// <summary>Messages; bytes where those go one way.</summary>
    public long Count => Interlocked.Read(ref _count);

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>When it began to count: tells another process, which has another clock.</summary>
    public DateTime Began { get; private set; }

    /// <summary>For how long it has counted by now.</summary>
    public TimeSpan Running => Stopwatch.GetElapsedTime(_started);

    /// <summary>For how long it counted.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>How many a second.</summary>
    public double Rate => Count / Elapsed.TotalSeconds;

    public void Start()
    {
        Began = DateTime.UtcNow;
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
            Interlocked.Increment(ref _count);
            Latencies.Record(now - sent);
        }
    }

    /// <summary>So many bytes more have gone one way.</summary>
    public void Add(int bytes)
    {
        if (_counts)
        {
            Interlocked.Add(ref _count, bytes);
        }
    }
}
