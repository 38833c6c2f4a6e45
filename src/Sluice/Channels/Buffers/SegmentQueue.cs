using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Channels.Buffers;

/// <summary>
/// Bytes in rented segments, appended at one end and consumed at the other. Holds no memory while it is empty, and rents larger
/// segments while they fill up. Not thread-safe. What throws for want of memory has changed nothing.
/// </summary>
/// <param name="pool">Where segments are rented; null for the shared array pool.</param>
/// <param name="defersReturns">
/// Whether segments of a user's pool wait for <see cref="TakeSpent"/> instead of going back at once: for a queue under a lock, where no code of
/// the user's may run.
/// </param>
internal sealed class SegmentQueue(MemoryPool<byte>? pool, bool defersReturns = false)
{
    public const int SmallestSegment = 4 * 1024;
    public const int LargestSegment = 64 * 1024;

    private BufferSegment? _head;
    private BufferSegment? _tail;
    private BufferSegment? _spent;
    private int _headIndex;
    private int _segmentSize = SmallestSegment;
    private bool _leased;

    /// <summary>How many bytes are committed and not yet consumed.</summary>
    public long Length { get; private set; }

    /// <summary>Whether memory that <see cref="Lease(int)"/> gave out is still in use.</summary>
    public bool IsLeased => _leased;

    /// <summary>What the pool has last thrown when it was asked for memory.</summary>
    public Exception? RentFailure { get; private set; }

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

    /// <summary>As <see cref="Lease(int)"/>, where that calls no code of a user's: there is room in the last segment, or no user's pool.</summary>
    public bool TryLease(int minimum, out Memory<byte> memory)
    {
        bool leases = pool is null || Room >= Math.Max(minimum, 1);
        memory = leases ? Lease(minimum) : default;
        return leases;
    }

    /// <summary>Rents a segment for <see cref="Lease(BufferSegment)"/>. The one writer may call this beside whatever else is done to the queue.</summary>
    public BufferSegment Rent(int minimum)
    {
        try
        {
            return BufferSegment.Rent(pool, Math.Max(minimum, 1), Math.Max(minimum, _segmentSize), 0);
        }
        catch (Exception exception)
        {
            RentFailure = exception;
            throw;
        }
    }

    /// <summary>As <see cref="Lease(int)"/>, of a segment that becomes the last one.</summary>
    public Memory<byte> Lease(BufferSegment segment)
    {
        AppendEmpty(segment);
        _leased = true;
        return segment.Free;
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

            Free(head);
        }
    }

    /// <summary>Drops bytes at the front, which are then <paramref name="bytes"/>: if they lie in one segment that stays, for it has more.</summary>
    public bool TryConsumeContiguous(int count, out ReadOnlySpan<byte> bytes)
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
        if (!TryWrite(bytes))
        {
            BufferSegment? segments = RentFor(bytes.Length - Room);
            TryWrite(bytes, ref segments);
        }
    }

    /// <summary>
    /// Appends a copy, where that calls no code of a user's: it fits into the last segment, or with one more of the shared pool. False, with
    /// nothing done, if not.
    /// </summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (_tail is { } tail && !bytes.IsEmpty && tail.Capacity - tail.End >= bytes.Length)
        {
            Put(tail, bytes);
            return true;
        }

        return TryWriteBeyond(bytes);
    }

    /// <summary>
    /// Appends a copy with segments that are rented already, of which it takes what it needs. False, with nothing done, if they have not enough
    /// room.
    /// </summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes, ref BufferSegment? segments)
    {
        bool fits = HasRoom(bytes.Length, segments);
        if (fits)
        {
            Put(bytes, ref segments);
        }

        return fits;
    }

    /// <summary>As <see cref="TryWrite(ReadOnlySpan{byte}, ref BufferSegment)"/>, of several parts.</summary>
    public bool TryWrite(ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlySpan<byte> tail, ref BufferSegment? segments)
    {
        if (!HasRoom(head.Length + body.Length + tail.Length, segments))
        {
            return false;
        }

        Put(head, ref segments);
        foreach (ReadOnlyMemory<byte> part in body)
        {
            Put(part.Span, ref segments);
        }

        Put(tail, ref segments);
        return true;
    }

    /// <summary>
    /// Rents segments for so many bytes. The one writer may call this beside whatever else is done to the queue.
    /// </summary>
    public BufferSegment RentFor(long length)
    {
        try
        {
            return BufferSegment.RentChain(pool, length, _segmentSize);
        }
        catch (Exception exception)
        {
            RentFailure = exception;
            throw;
        }
    }

    /// <summary>Takes the segments that wait to be given back: by <see cref="BufferSegment.ReturnAll"/>, outside every lock.</summary>
    public BufferSegment? TakeSpent()
    {
        BufferSegment? spent = _spent;
        _spent = null;
        return spent;
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
            int here = head.End - _headIndex;
            if (_headIndex == 0 && head.End >= head.Capacity / 2)
            {
                _head = head.NextSegment;
                head.NextSegment = null;
                other.Append(head);
            }
            else
            {
                other.Write(head.Bytes[_headIndex..]);
                _head = head.NextSegment;
                Free(head);
            }

            _headIndex = 0;
            Length -= here;
        }

        _tail = null;
    }

    /// <summary>Puts bytes back at the front.</summary>
    public void Unread(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        // Rare (a read that was cut short), so the simple way: build the queue anew, and once that is done drop the old one.
        byte[] all = [.. bytes, .. Bytes.ToArray()];
        BufferSegment? segments = RentFor(all.Length);
        Clear();
        TryWrite(all, ref segments);
    }

    /// <summary>Drops everything and returns the memory. Not while leased.</summary>
    public void Clear()
    {
        while (_head is { } head)
        {
            _head = head.NextSegment;
            Free(head);
        }

        Reset();
    }

    /// <summary>
    /// Drops everything and returns the memory, of which a caller may still hold a sequence: that shows a copy of what it did. Not while leased.
    /// </summary>
    public void ClearHeld()
    {
        for (BufferSegment? segment = _head; segment is not null; segment = segment.NextSegment)
        {
            segment.ReturnForCopy();
        }

        _head = null;
        Reset();
    }

    private int Room => _tail is { } tail ? tail.Capacity - tail.End : 0;

    private void Reset()
    {
        _tail = null;
        _headIndex = 0;
        Length = 0;
    }

    private void Free(BufferSegment segment)
    {
        if (defersReturns && segment.IsOfUser)
        {
            segment.NextSegment = _spent;
            _spent = segment;
        }
        else
        {
            segment.Return();
        }
    }

    private bool HasRoom(long length, BufferSegment? segments)
    {
        long room = Room;
        for (; room < length && segments is not null; segments = segments.NextSegment)
        {
            room += segments.Capacity;
        }

        return room >= length;
    }

    private void Put(BufferSegment tail, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(tail.FreeSpan);
        Commit(bytes.Length);
    }

    private void Put(ReadOnlySpan<byte> bytes, ref BufferSegment? segments)
    {
        while (!bytes.IsEmpty)
        {
            if (_tail is not { } tail || tail.End == tail.Capacity)
            {
                tail = segments!;
                segments = tail.NextSegment;
                tail.NextSegment = null;
                AppendEmpty(tail);
            }

            int count = Math.Min(tail.Capacity - tail.End, bytes.Length);
            Put(tail, bytes[..count]);
            bytes = bytes[count..];
        }
    }

    // Rents before it writes: the pool may throw.
    private bool TryWriteBeyond(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return true;
        }

        // The last segment will be full: the next one is larger.
        int size = Room > 0 ? Math.Min(_segmentSize * 2, LargestSegment) : _segmentSize;
        if (pool is not null || bytes.Length - Room > size)
        {
            return false;
        }

        BufferSegment? segment = BufferSegment.Rent(null, 1, size, 0);
        Put(bytes, ref segment);
        return true;
    }

    [MemberNotNull(nameof(_tail))]
    private void MakeRoom(int minimum)
    {
        if (_tail is null || _tail.Capacity - _tail.End < minimum)
        {
            AppendEmpty(Rent(minimum));
        }
    }

    [MemberNotNull(nameof(_tail))]
    private void AppendEmpty(BufferSegment segment)
    {
        if (Length == 0)
        {
            // No segment with nothing in it stays at the front, where a sink would send nothing for ever.
            Clear();
        }

        Link(segment);
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
