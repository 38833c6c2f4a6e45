using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Channels;

/// <summary>
/// Bytes in rented segments, appended at one end and consumed at the other. Holds no memory while it is empty, and rents larger
/// segments while they fill up. Not thread-safe.
/// </summary>
internal sealed class SegmentQueue(MemoryPool<byte>? pool)
{
    public const int SmallestSegment = 4 * 1024;
    public const int LargestSegment = 64 * 1024;

    private BufferSegment? _head;
    private BufferSegment? _tail;
    private int _headIndex;
    private int _segmentSize = SmallestSegment;
    private bool _leased;

    /// <summary>How many bytes are committed and not yet consumed.</summary>
    public long Length { get; private set; }

    /// <summary>Whether memory that <see cref="Lease"/> gave out is still in use.</summary>
    public bool IsLeased => _leased;

    public ReadOnlySequence<byte> Bytes
    {
        get
        {
            if (Length == 0)
            {
                return ReadOnlySequence<byte>.Empty;
            }

            _tail!.Publish();
            return new(_head!, _headIndex, _tail, _tail.End);
        }
    }

    /// <summary>
    /// Memory to write into, at least <paramref name="minimum"/> bytes. It stays where it is until <see cref="Commit"/> or
    /// <see cref="EndLease"/>.
    /// </summary>
    public Memory<byte> Lease(int minimum)
    {
        MakeRoom(Math.Max(minimum, 1));
        _leased = true;
        return _tail.Free;
    }

    /// <summary>Takes over what was written to leased memory.</summary>
    public void Commit(int count)
    {
        _leased = false;
        if (_tail is not { } tail || count > tail.Capacity - tail.End)
        {
            throw new InvalidOperationException("More bytes were committed than were asked for.");
        }

        tail.Commit(count);
        Length += count;

        // A flow that fills its segments gets larger ones, one that hardly uses them smaller ones.
        if (tail.End == tail.Capacity)
        {
            _segmentSize = Math.Min(_segmentSize * 2, LargestSegment);
        }
        else if (count < _segmentSize / 4 && _segmentSize > SmallestSegment)
        {
            _segmentSize /= 2;
        }

        if (Length == 0)
        {
            Clear();
        }
    }

    /// <summary>Gives up leased memory with nothing written to it.</summary>
    public void EndLease()
    {
        _leased = false;
        if (Length == 0)
        {
            Clear();
        }
    }

    /// <summary>Drops bytes at the front.</summary>
    public void Consume(long count)
    {
        Length -= count;
        while (_head is { } head)
        {
            int here = (int)Math.Min(count, head.End - _headIndex);
            _headIndex += here;
            count -= here;
            if (_headIndex < head.End || (ReferenceEquals(head, _tail) && _leased))
            {
                return;
            }

            _head = head.NextSegment;
            _headIndex = 0;
            if (_head is null)
            {
                _tail = null;
            }

            head.Return();
        }
    }

    /// <summary>Drops bytes at the front, which are then <paramref name="bytes"/>: if they lie in one segment that stays, for it has more.</summary>
    public bool TryTakeTogether(int count, out ReadOnlySpan<byte> bytes)
    {
        if (_head is { } head && head.End - _headIndex > count)
        {
            bytes = head.Bytes.Slice(_headIndex, count);
            _headIndex += count;
            Length -= count;
            return true;
        }

        bytes = default;
        return false;
    }

    /// <summary>Appends a copy.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            MakeRoom(1);
            Span<byte> free = _tail.FreeSpan;
            int count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            Commit(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Appends a segment that is filled already, and belongs to the queue from now on. Not while leased.</summary>
    public void Append(BufferSegment segment)
    {
        if (Length == 0)
        {
            Clear();
        }

        Link(segment);
        Length += segment.End;
    }

    /// <summary>
    /// Moves everything to the end of <paramref name="other"/>: whole segments, unless they hold so little that copies of it take less room.
    /// Neither may be leased.
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
            _head = head.NextSegment;
            head.NextSegment = null;
            if (_headIndex == 0 && head.End >= head.Capacity / 2)
            {
                other.Append(head);
            }
            else
            {
                other.Write(head.Bytes[_headIndex..]);
                head.Return();
            }

            _headIndex = 0;
        }

        _tail = null;
        Length = 0;
    }

    /// <summary>Puts bytes back at the front.</summary>
    public void Unread(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        // Rare (a read that was cut short), so the simple way: build the queue anew.
        byte[] rest = Bytes.ToArray();
        Clear();
        Write(bytes);
        Write(rest);
    }

    /// <summary>Drops everything and returns the memory. Not while leased.</summary>
    public void Clear()
    {
        while (_head is { } head)
        {
            _head = head.NextSegment;
            head.Return();
        }

        _tail = null;
        _headIndex = 0;
        Length = 0;
    }

    [MemberNotNull(nameof(_tail))]
    private void MakeRoom(int minimum)
    {
        if (_tail is null || _tail.Capacity - _tail.End < minimum)
        {
            Append(minimum);
        }
    }

    [MemberNotNull(nameof(_tail))]
    private void Append(int minimum)
    {
        if (Length == 0)
        {
            // No segment with nothing in it stays at the front, where a sink would send nothing for ever.
            Clear();
        }

        Link(BufferSegment.Rent(pool, minimum, Math.Max(minimum, _segmentSize), 0));
    }

    [MemberNotNull(nameof(_tail))]
    private void Link(BufferSegment segment)
    {
        if (_tail is { } tail)
        {
            tail.Publish();
            segment.Place(tail.RunningIndex + tail.End);
            tail.NextSegment = segment;
        }
        else
        {
            _head = segment;
            _headIndex = 0;
        }

        _tail = segment;
    }
}
