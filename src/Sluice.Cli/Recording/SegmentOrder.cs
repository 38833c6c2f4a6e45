namespace Sluice.Cli.Recording;

/// <summary>Puts the segments of one direction of a TCP connection in order: one that was lost, and sent again, is recorded after those that follow it.</summary>
internal sealed class SegmentOrder
{
    // By where they begin in the stream. All begin after a gap.
    private readonly PriorityQueue<byte[], long> _ahead = new();

    // Where the next byte begins, without the end of numbers that a sequence number has; null before the first one.
    private long? _next;

    /// <summary>Gets a value indicating whether the recording lacks bytes before others that it has.</summary>
    public bool HasGap => _ahead.Count > 0;

    /// <summary>Takes a segment. Returns the bytes that are now in order, behind those of earlier calls.</summary>
    /// <param name="sequence">The number of its first byte.</param>
    /// <param name="isFirst">Whether the segment begins the connection: the number is then one less.</param>
    /// <param name="bytes">Its bytes.</param>
    public byte[] Add(uint sequence, bool isFirst, byte[] bytes)
    {
        uint begin = sequence + (isFirst ? 1u : 0u);
        if (isFirst || bytes.Length > 0)
        {
            _next ??= begin;
        }

        if (bytes.Length == 0)
        {
            return bytes;
        }

        _ahead.Enqueue(bytes, _next!.Value + (int)(begin - (uint)_next.Value));
        byte[]? alone = null;
        List<byte>? several = null;
        while (_ahead.TryPeek(out byte[]? first, out long at) && at <= _next)
        {
            _ahead.Dequeue();

            // What was sent again is in the recording twice.
            byte[] part = first[(int)Math.Min(_next.Value - at, first.Length)..];
            _next += part.Length;
            if (alone is null)
            {
                alone = part;
            }
            else
            {
                several ??= [.. alone];
                several.AddRange(part);
            }
        }

        return several?.ToArray() ?? alone ?? [];
    }
}
