using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>The messages of one connection that are on their way, and since when.</summary>
internal sealed class InFlight(Messages messages, int depth)
{
    private readonly long[] _sentAt = new long[depth];
    private long _sent;
    private long _back;
    private long _now = Stopwatch.GetTimestamp();

    /// <summary>The bytes of the next messages, which are sent now.</summary>
    public ReadOnlyMemory<byte> Next(int count)
    {
        ReadOnlyMemory<byte> bytes = messages.Sent.Slice(_sent * messages.Size, count * messages.Size);
        for (int i = 0; i < count; i++)
        {
            _sentAt[_sent++ % depth] = _now;
        }

        return bytes;
    }

    /// <summary>So many messages are back. What is sent next is sent at this moment, too: one look at the clock serves for both.</summary>
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
