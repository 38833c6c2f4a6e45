using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Channels.Buffers;

/// <summary>
/// Keeps bytes in rented segments: appends them at the end, and consumes them at the front. Holds no memory while it is empty, and rents larger
/// segments while a flow fills them. A call that throws because no memory is available changes nothing.
/// </summary>
/// <param name="pool">Provides the segments; null for the shared array pool.</param>
/// <param name="defersReturns">
/// Whether segments of a user's pool wait for <see cref="TakeSpent"/> instead of going back at once: for a queue under a lock, because no user
/// code runs under a lock.
/// </param>
/// <remarks>
/// Not thread-safe: the owner's lock or role guards it (the reader of a <see cref="ByteReadChannel"/>, the lock of a send queue or of a pipe in
/// memory). Any thread may read <see cref="Length"/>. <see cref="Rent"/> and <see cref="RentFor"/> read only the segment size: the one writer calls
/// them outside the lock, because they run code of the user's pool.
/// </remarks>
internal sealed partial class SegmentQueue(MemoryPool<byte>? pool, bool defersReturns = false)
{
    public const int SmallestSegment = 4 * 1024;
    public const int LargestSegment = 64 * 1024;

    private BufferSegment? _head;
    private BufferSegment? _tail;

    // Segments that wait for TakeSpent, linked by NextSegment.
    private BufferSegment? _spent;

    // How much of the first segment is consumed.
    private int _headIndex;

    // The size of the next segment. A writer may read an old value outside the lock; it is a hint.
    private int _segmentSize = SmallestSegment;
    private bool _leased;

    /// <summary>Gets the number of bytes that are committed and not yet consumed.</summary>
    public long Length { get; private set; }

    /// <summary>Gets a value indicating whether a lease is in progress.</summary>
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

    /// <summary>Gets the bytes of the first segment.</summary>
    public ReadOnlySpan<byte> FirstBytes => _head is { } head ? head.Bytes[_headIndex..] : default;

    /// <summary>Gets the first <paramref name="count"/> of <see cref="FirstBytes"/> as a sequence.</summary>
    public ReadOnlySequence<byte> SliceFirst(int count)
    {
        if (ReferenceEquals(_head, _tail))
        {
            _tail!.Publish();
        }

        return new(_head!, _headIndex, _head!, _headIndex + count);
    }

    /// <summary>
    /// Leases memory of at least <paramref name="minimum"/> bytes to write to. It stays valid until <see cref="Commit"/> or
    /// <see cref="EndLease()"/>.
    /// </summary>
    public Memory<byte> Lease(int minimum)
    {
        MakeRoom(Math.Max(minimum, 1));
        _leased = true;
        return _tail.Free;
    }

    /// <summary>Leases as <see cref="Lease(int)"/> does, unless that runs code of a user's pool, because the last segment lacks the room.</summary>
    public bool TryLease(int minimum, out Memory<byte> memory)
    {
        bool leases = pool is null || Room >= Math.Max(minimum, 1);
        memory = leases ? Lease(minimum) : default;
        return leases;
    }

    /// <summary>Rents a segment for <see cref="Lease(BufferSegment)"/>. The one writer may call this outside the lock.</summary>
    public BufferSegment Rent(int minimum)
    {
        try
        {
            return BufferSegment.Rent(pool, Math.Max(minimum, 1), Math.Max(minimum, _segmentSize), 0);
        }
        catch (Exception exception) when (RentFailures.Remember(exception))
        {
            throw;
        }
    }

    /// <summary>Appends a rented segment and leases its memory.</summary>
    public Memory<byte> Lease(BufferSegment segment)
    {
        AppendEmpty(segment);
        _leased = true;
        return segment.Free;
    }

    /// <summary>Appends the first <paramref name="count"/> bytes of the leased memory, and ends the lease.</summary>
    public void Commit(int count)
    {
        _leased = false;
        if (_tail is not { } tail || count > tail.Capacity - tail.End)
        {
            throw new InvalidOperationException("More bytes were committed than were asked for.");
        }

        tail.Commit(count);
        Length += count;

        // A flow that fills its segments gets larger ones; a flow that leaves them mostly empty gets smaller ones.
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

    /// <summary>Ends the lease without a byte.</summary>
    public void EndLease()
    {
        _leased = false;
        if (Length == 0)
        {
            Clear();
        }
    }

    /// <summary>Ends the lease of a receive.</summary>
    /// <param name="received">How many bytes were received; 0 or less for none.</param>
    public void EndLease(int received)
    {
        if (received > 0)
        {
            Commit(received);
        }
        else
        {
            EndLease();
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

    /// <summary>Drops bytes at the front and returns them, if the first segment holds them and more, and so stays in the queue.</summary>
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

    /// <summary>Appends a copy of <paramref name="bytes"/>.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!TryWrite(bytes))
        {
            BufferSegment? segments = RentFor(bytes.Length - Room);
            TryWrite(bytes, ref segments);
        }
    }

    /// <summary>
    /// Appends a copy, if that runs no code of a user's pool: it fits into the last segment, or into that and one more of the shared array pool.
    /// Otherwise returns false and does nothing.
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
    /// Appends a copy, and takes the segments that this needs from <paramref name="segments"/>. Returns false and does nothing if they have too
    /// little room.
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

    /// <summary>Appends a copy of several parts, as <see cref="TryWrite(ReadOnlySpan{byte}, ref BufferSegment)"/> does.</summary>
    /// <param name="head">The first part.</param>
    /// <param name="body">The second part, if it lies in one piece.</param>
    /// <param name="pieces">The pieces of the second part, if there are several. They lie in arrays: getting at them runs no code of the caller's.</param>
    /// <param name="tail">The last part.</param>
    /// <param name="segments">The rented segments.</param>
    public bool TryWrite(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, in ReadOnlySequence<byte> pieces, ReadOnlySpan<byte> tail, ref BufferSegment? segments)
    {
        if (!HasRoom(head.Length + body.Length + pieces.Length + tail.Length, segments))
        {
            return false;
        }

        Put(head, ref segments);
        Put(body, ref segments);
        foreach (ReadOnlyMemory<byte> part in pieces)
        {
            Put(part.Span, ref segments);
        }

        Put(tail, ref segments);
        return true;
    }

    /// <summary>
    /// Rents segments for <paramref name="length"/> bytes. The one writer may call this outside the lock.
    /// </summary>
    public BufferSegment RentFor(long length)
    {
        try
        {
            return BufferSegment.RentChain(pool, length, _segmentSize);
        }
        catch (Exception exception) when (RentFailures.Remember(exception))
        {
            throw;
        }
    }

    /// <summary>Takes the segments that wait to be returned: by <see cref="BufferSegment.ReturnAll"/>, outside every lock.</summary>
    public BufferSegment? TakeSpent()
    {
        BufferSegment? spent = _spent;
        _spent = null;
        return spent;
    }

    /// <summary>Appends a segment with its committed bytes and takes it over. Not during a lease.</summary>
    public void Append(BufferSegment segment)
    {
        if (Length == 0)
        {
            Clear();
        }

        Link(segment);
        Length += segment.End;
    }

    /// <summary>Inserts a copy of <paramref name="bytes"/> at the front.</summary>
    public void Unread(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        // Rare (a read that failed), so done in the simple way: build a new chain, and then drop the old one. Not of the user's pool, which may
        // throw: these bytes have no other place.
        byte[] all = [.. bytes, .. Bytes.ToArray()];
        BufferSegment? segments = BufferSegment.RentChain(pool: null, all.Length, _segmentSize);
        Clear();
        TryWrite(all, ref segments);
    }

    /// <summary>Drops all bytes and returns the memory. Not during a lease.</summary>
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
    /// Drops all bytes and returns the memory, while a sequence of it may still be in use, which then shows a copy. Not during a lease.
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

    // The size of the next segment of a write. If the write fills the last segment, the next one is larger.
    private int NextSize => Room > 0 ? Math.Min(_segmentSize * 2, LargestSegment) : _segmentSize;

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

    // Rents before it writes, because the pool may throw.
    private bool TryWriteBeyond(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return true;
        }

        int size = NextSize;
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
            // An empty segment at the front would make a sink send nothing, again and again.
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
