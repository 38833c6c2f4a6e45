using System.Buffers.Binary;
using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>Numbers datagrams, checks those that come back, and counts those that do not. One task may send while another one receives.</summary>
internal sealed class DatagramsInFlight(Messages messages, LoadTotals totals)
{
    /// <summary>The size of the number at the start of a datagram.</summary>
    public const int NumberSize = sizeof(long);

    /// <summary>A datagram that does not come back for so long is lost.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // The times from which the latencies count. The lock guards this, and the numbers.
    private readonly Dictionary<long, long> _times = [];
    private long _next;
    private long _oldest;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _times.Count;
            }
        }
    }

    /// <summary>Writes the next datagram, and counts it as sent.</summary>
    /// <param name="buffer">Room for the datagram.</param>
    /// <param name="time">The time from which its latency counts.</param>
    public void Next(byte[] buffer, long time)
    {
        long number;
        lock (_lock)
        {
            number = _next++;
            _times[number] = time;
        }

        messages.Sent.Slice(number, messages.Size).CopyTo(buffer);
        BinaryPrimitives.WriteInt64LittleEndian(buffer, number);
    }

    /// <summary>Counts a datagram that has come back. One that comes twice, or late, counts once.</summary>
    /// <exception cref="IOException">It is none that was sent.</exception>
    public void Take(ReadOnlySpan<byte> received)
    {
        long number = received.Length == messages.Size ? BinaryPrimitives.ReadInt64LittleEndian(received) : -1;
        if (!TryTake(number, out long? time) || !received[NumberSize..].SequenceEqual(messages.Sent.Slice(number, messages.Size).Span[NumberSize..]))
        {
            throw new IOException("The server sent back another datagram than it received.");
        }

        if (time is not null)
        {
            totals.Add(time.Value, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Counts the datagrams that have not come back in time. The numbers are in the order of their times.</summary>
    public void CountLost()
    {
        long now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            while (_oldest < _next && (!_times.TryGetValue(_oldest, out long time) || Stopwatch.GetElapsedTime(time, now) >= Patience))
            {
                if (_times.Remove(_oldest++, out long sent))
                {
                    totals.AddLost(sent);
                }
            }
        }
    }

    // Returns false if there is no such number; the time is null if it has come back, or is lost.
    private bool TryTake(long number, out long? time)
    {
        lock (_lock)
        {
            time = _times.Remove(number, out long found) ? found : null;
            return number >= 0 && number < _next;
        }
    }
}
