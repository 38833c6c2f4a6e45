using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Channels.Buffers;

namespace Sluice.Channels.Writing;

// Appending: copies of bytes, and memory that the writer fills itself.
internal sealed partial class SendQueue
{
    /// <summary>
    /// Leases memory to a pipe's writer, as <see cref="TryLease"/> does, whether or not that many bytes fit below the limit. From here to its flush
    /// the pipe's bytes are one write, which no message cuts into.
    /// </summary>
    public Memory<byte> LeaseToPipe(int minimum)
    {
        lock (_queue)
        {
            _inPipeWrite = true;
            if (_queue.TryLease(minimum, out Memory<byte> memory))
            {
                return memory;
            }
        }

        return LeaseRented(minimum);
    }

    /// <summary>
    /// Leases memory for the writer to fill until <see cref="Commit"/>; false if that many bytes do not fit below the limit. The memory does not
    /// return to its pool before the writer gives it up, even if the queue fails or closes.
    /// </summary>
    public bool TryLease(int minimum, out Memory<byte> memory)
    {
        lock (_queue)
        {
            memory = default;
            bool fits = _queue.Length + minimum <= Limit;
            if (!fits || _queue.TryLease(minimum, out memory))
            {
                return fits;
            }
        }

        memory = LeaseRented(minimum);
        return true;
    }

    /// <summary>Appends what the writer put into the leased memory.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <param name="flush">Whether to send them without a call to <see cref="Send"/>.</param>
    public void Commit(int count, bool flush)
    {
        bool needsFlush = false;
        using (Enter())
        {
            if (CanAppend)
            {
                _queue.Commit(count);
                needsFlush = Appended(count, flush) || (_isClosed && HasMessages && NeedsFlush());
            }
            else
            {
                // Messages may have waited for the end of the lease.
                DropLease();
                needsFlush = HasMessages && NeedsFlush();
            }
        }

        FlushIf(needsFlush);
    }

    /// <summary>Appends a copy. After a failure or the end it does nothing, and the writer's next call reports that.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="flush">Whether to send them without a call to <see cref="Send"/>.</param>
    /// <returns>False if that many bytes do not fit below the limit.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes, bool flush)
    {
        bool appended;
        bool needsFlush = false;
        lock (_queue)
        {
            if (_queue.Length + bytes.Length > Limit)
            {
                return false;
            }

            appended = CanAppend && _queue.TryWrite(bytes);
            if (appended)
            {
                needsFlush = Appended(bytes.Length, flush);
            }
        }

        FlushIf(needsFlush);
        return appended || TryAppend(bytes, body: default, pieces: default, tail: default, flush);
    }

    /// <summary>
    /// Appends copies of several parts as <see cref="TryAppend(ReadOnlySpan{byte}, bool)"/> does: all of them, or none, also if memory of the caller's
    /// throws.
    /// </summary>
    public bool TryAppend(ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlySpan<byte> tail, bool flush)
    {
        if (body.IsSingleSegment)
        {
            return TryAppend(head, body.FirstSpan, pieces: default, tail, flush);
        }

        if (body.Length > Limit)
        {
            return false;
        }

        if (IsInArrays(body))
        {
            return TryAppend(head, body: default, body, tail, flush);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(rented);
            return TryAppend(head, rented.AsSpan(0, (int)body.Length), pieces: default, tail, flush);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private bool TryAppend(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, in ReadOnlySequence<byte> pieces, ReadOnlySpan<byte> tail, bool flush)
    {
        long length = head.Length + body.Length + pieces.Length + tail.Length;
        BufferSegment? segments = null;
        bool needsFlush;
        try
        {
            while (true)
            {
                using (Enter())
                {
                    if (_queue.Length + length > Limit)
                    {
                        return false;
                    }

                    if (!CanAppend)
                    {
                        DropLease();
                        return true;
                    }

                    if (_queue.TryWrite(head, body, pieces, tail, ref segments))
                    {
                        needsFlush = Appended((int)length, flush);
                        break;
                    }
                }

                // A sender may free the last segment, and its room, while this rents: then the segments do not suffice, and it rents again.
                BufferSegment more = _queue.RentFor(length);
                BufferSegment.ReturnAll(segments);
                segments = more;
            }
        }
        finally
        {
            BufferSegment.ReturnAll(segments);
        }

        FlushIf(needsFlush);
        return true;
    }

    /// <summary>
    /// Appends a copy without the writer role: the lock does for this one step what the role does for a whole write. Does nothing and returns
    /// false if a writer holds the role, if the writer has to be told something, or if memory has to come from a user's pool.
    /// </summary>
    public bool TryAppendUncontended(ReadOnlySpan<byte> bytes, bool flush)
    {
        bool needsFlush;
        lock (_queue)
        {
            if (!TryAppendAsWriter(bytes, flush, out needsFlush))
            {
                return false;
            }
        }

        FlushIf(needsFlush);
        return true;
    }

    /// <summary>Gives back leased memory that its user no longer fills, unless a writer holds the role: then the lease is that writer's.</summary>
    public void EndLease()
    {
        bool needsFlush;
        using (Enter())
        {
            if (Volatile.Read(ref _writers) == NoWriter)
            {
                DropLease();
            }

            _inPipeWrite = false;
            needsFlush = HasMessages && NeedsFlush();
        }

        FlushIf(needsFlush);
    }

    // Whether no code of the caller's has to run to get at the bytes. That of a memory manager, also one with an array, may throw between two parts, or block
    // in the lock.
    private static bool IsInArrays(in ReadOnlySequence<byte> parts)
    {
        bool inArrays = true;
        long length = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            inArrays &= !MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(part, out _);
            length += part.Length;
        }

        // The sequence gets its length from the running indexes, which a segment class of the caller's sets.
        return length == parts.Length
            ? inArrays
            : throw new ArgumentException($"The sequence has a length of {parts.Length} bytes, but its segments have {length}.");
    }

    // Rents outside the lock: the pool is the user's. The writer alone appends, so nothing takes the room below the limit before it returns.
    private Memory<byte> LeaseRented(int minimum)
    {
        BufferSegment segment = _queue.Rent(minimum);
        using (Enter())
        {
            return _queue.Lease(segment);
        }
    }

    // The rest runs in the lock.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAppendAsWriter(ReadOnlySpan<byte> bytes, bool flush, out bool needsFlush)
    {
        needsFlush = false;

        // A writer takes the role before the lock: it is seen here, or its bytes come after these.
        if (Volatile.Read(ref _writers) != NoWriter
            || !CanAppend || _isClosed
            || _queue.Length + bytes.Length > Limit
            || !_queue.TryWrite(bytes))
        {
            return false;
        }

        needsFlush = Appended(bytes.Length, flush);
        return true;
    }

    // Counts bytes that were appended. The result goes to FlushIf.
    private bool Appended(int count, bool flush)
    {
        AddWritten(count);
        return flush && count > 0 && NeedsFlush();
    }

    private void DropLease()
    {
        _queue.EndLease();
        if (_failure is not null)
        {
            ClearIfUnused();
        }
    }
}
