namespace Sluice.Channels.Buffers;

// Moving bytes from one queue to another.
internal sealed partial class SegmentQueue
{
    /// <summary>
    /// Moves all bytes to the end of <paramref name="other"/>: moves segments that are at least half full, and copies the bytes of the others. Not
    /// during a lease of either queue.
    /// </summary>
    public void MoveTo(SegmentQueue other)
    {
        if (other.Length == 0)
        {
            other.Clear();
            (other._head, other._tail, other._headIndex, other.Length) = (_head, _tail, _headIndex, Length);
            (_head, _tail, _headIndex, Length) = (null, null, 0, 0);
            return;
        }

        while (_head is { } head)
        {
            int here = head.End - _headIndex;
            if (_headIndex == 0 && head.End >= head.Capacity / 2)
            {
                _head = head.NextSegment;
                head.NextSegment = null;
                other.Append(head);
            }
            else
            {
                other.WriteShared(head.Bytes[_headIndex..]);
                _head = head.NextSegment;
                Free(head);
            }

            _headIndex = 0;
            Length -= here;
        }

        _tail = null;
    }

    /// <summary>Moves bytes at the front to the end of <paramref name="other"/>, as <see cref="WriteShared"/> does. Not during a lease of it.</summary>
    public void MoveTo(SegmentQueue other, long count)
    {
        if (count == 0)
        {
            return;
        }

        foreach (ReadOnlyMemory<byte> part in Bytes.Slice(0, count))
        {
            other.WriteShared(part.Span);
        }

        Consume(count);
    }

    /// <summary>
    /// Appends a copy. Bytes that do not fit into the last segment go into segments of the shared array pool, even where there is a user's pool: so this
    /// may be called under a lock.
    /// </summary>
    public void WriteShared(ReadOnlySpan<byte> bytes)
    {
        if (_tail is { } tail && tail.Capacity - tail.End >= bytes.Length)
        {
            Put(tail, bytes);
            return;
        }

        BufferSegment? segments = BufferSegment.RentChain(null, bytes.Length - Room, NextSize);
        Put(bytes, ref segments);
    }
}
