using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>The results of all connections between <see cref="Start"/> and <see cref="Stop"/>.</summary>
internal sealed class LoadTotals
{
    private long _count;
    private long _lost;
    private long _started = long.MaxValue;
    private long _stopped = long.MaxValue;
    private volatile bool _counts;

    /// <summary>The number of messages, or of bytes if the load goes one way.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The number of datagrams that did not come back.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>When counting began, by the system clock, which other processes share.</summary>
    public DateTime Began { get; private set; }

    /// <summary>How long counting has lasted so far.</summary>
    public TimeSpan Running => Stopwatch.GetElapsedTime(_started);

    /// <summary>How long counting lasted.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The count per second.</summary>
    public double Rate => Count / Elapsed.TotalSeconds;

    public void Start()
    {
        Began = DateTime.UtcNow;
        Interlocked.Exchange(ref _started, Stopwatch.GetTimestamp());
        _counts = true;
    }

    /// <summary>Ends counting, if it has begun.</summary>
    public void Stop()
    {
        if (_counts)
        {
            _counts = false;
            Elapsed = Running;
            Interlocked.Exchange(ref _stopped, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Counts a message that was sent at <paramref name="sent"/> and came back at <paramref name="now"/>.</summary>
    public void Add(long sent, long now)
    {
        if (_counts)
        {
            Interlocked.Increment(ref _count);
            Latencies.Record(now - sent);
        }
    }

    /// <summary>Counts a datagram that was sent at <paramref name="sent"/> and did not come back. What shows after the end counts too, if it was sent before.</summary>
    public void AddLost(long sent)
    {
        if (sent >= Interlocked.Read(ref _started) && sent < Interlocked.Read(ref _stopped))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Counts bytes of a load that goes one way.</summary>
    public void Add(int bytes)
    {
        if (_counts)
        {
            Interlocked.Add(ref _count, bytes);
        }
    }
}
