using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>Tracks when each message in flight on a connection was sent.</summary>
internal sealed class InFlight(Messages messages, int depth)
{
    private readonly long[] _sentAt = new long[depth];
    private long _sent;
    private long _back;
    private long _now = Stopwatch.GetTimestamp();

    /// <summary>Returns the bytes of the next messages and records that they are sent now.</summary>
    public ReadOnlyMemory<byte> Next(int count)
    {
        ReadOnlyMemory<byte> bytes = messages.Sent.Slice(_sent * messages.Size, count * messages.Size);
        for (int i = 0; i < count; i++)
        {
            _sentAt[_sent++ % depth] = _now;
        }

        return bytes;
    }

    /// <summary>Records that messages have come back. The same timestamp serves for the messages that are sent next.</summary>
    public void Back(int count, LoadTotals totals)
    {
        if (count == 0)
        {
            return;
        }

        _now = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            totals.Add(_sentAt[_back++ % depth], _now);
        }
    }
}
