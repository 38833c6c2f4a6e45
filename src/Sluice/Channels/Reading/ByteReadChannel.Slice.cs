using System.Buffers;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>
    /// Makes a channel a view of another one: its source is the other channel, and it sees the first bytes of the other channel's buffer. The
    /// reader of the view is also the reader of the other channel.
    /// </summary>
    /// <param name="inner">The other channel.</param>
    /// <param name="limit">The number of bytes after which the view ends.</param>
    /// <param name="copy">Receives a copy of the bytes; null for none.</param>
    private sealed class Slice(ByteReadChannel inner, long limit, IBufferWriter<byte>? copy) : IByteSource
    {
        // Written by the reader; any thread may read it.
        private long _left = limit;

        // The stream position up to which the copy has all bytes: a read that fails may have copied more than it has consumed. Used by the reader.
        private long _copiedEnd;

        public ByteReadChannel Inner => inner;

        public ReadOnlySequence<byte> Buffered
        {
            get
            {
                ReadOnlySequence<byte> bytes = inner.Buffered;
                return bytes.Length > _left ? bytes.Slice(0, _left) : bytes;
            }
        }

        public long AvailableForRead => Math.Min(inner.AvailableForRead, Volatile.Read(ref _left));

        public bool IsSpent => Volatile.Read(ref _left) == 0 || inner.IsClosedForRead;

        public TimeProvider TimeProvider => inner.TimeProvider;

        public string? PeerName => inner.PeerName;

        // The queue is the inner channel's own.
        public int TryReceive(SegmentQueue into)
        {
            int count = Buffered.Length == _left ? 0 : inner.TryFill();

            // The LF of a line may have been all that was left.
            return _left == 0 ? 0 : count;
        }

        public int TryReceive(Span<byte> destination)
        {
            if (_left == 0)
            {
                return 0;
            }

            destination = destination[..(int)Math.Min(destination.Length, _left)];
            int count = inner.TryReadCore(destination);
            if (count > 0)
            {
                CopyReceived(destination[..count]);
                _left -= count;
            }

            return count;
        }

        public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => inner.WaitReadableAsync(cancellationToken);

        public Exception ReadFailure(WaitOutcome outcome) => inner.ReadFailure(outcome);

        public void InterruptRead() => inner.InterruptRead();

        // Whether an LF that comes next is within this view, and those below.
        public bool HasRoomFor(int count) => _left >= count && inner._slice?.HasRoomFor(count) != false;

        public void AwaitLineFeed(ByteReadChannel reader)
        {
            if (inner._slice is { } below)
            {
                below.AwaitLineFeed(reader);
            }
            else
            {
                inner._openReturn = reader;
            }
        }

        public void Consume(long count)
        {
            Copy(Buffered.Slice(0, count));
            inner.Consume(count);
            _left -= count;
        }

        public bool IsTee => copy is not null || inner._slice is { IsTee: true };

        public void CopyAhead(long count)
        {
            Copy(Buffered.Slice(0, count));
            inner.CopyAhead(count);
        }

        public void Hold(long count)
        {
            Copy(Buffered.Slice(0, count));
            inner.Hold(count);
            _left -= count;
        }

        public void Unread(ReadOnlySpan<byte> bytes)
        {
            inner.Unread(bytes);
            _left += bytes.Length;
        }

        // The writer is the user's and may throw: a read copies before it consumes.
        private void Copy(ReadOnlySequence<byte> bytes)
        {
            if (copy is not null)
            {
                long position = inner.Position;
                foreach (ReadOnlyMemory<byte> segment in bytes)
                {
                    Copy(copy, segment.Span, position);
                    position += segment.Length;
                }
            }
        }

        private void CopyReceived(ReadOnlySpan<byte> bytes)
        {
            if (copy is null)
            {
                return;
            }

            try
            {
                Copy(copy, bytes, inner.Position - bytes.Length);
            }
            catch
            {
                inner.Unread(bytes);
                throw;
            }
        }

        private void Copy(IBufferWriter<byte> to, ReadOnlySpan<byte> bytes, long position)
        {
            long end = position + bytes.Length;
            bytes = bytes[(int)Math.Clamp(_copiedEnd - position, 0, bytes.Length)..];
            while (!bytes.IsEmpty)
            {
                Span<byte> room = to.GetSpan(1);
                if (room.IsEmpty)
                {
                    throw new InvalidOperationException("The buffer writer has returned no memory.");
                }

                int count = Math.Min(room.Length, bytes.Length);
                bytes[..count].CopyTo(room);
                to.Advance(count);
                bytes = bytes[count..];
                _copiedEnd = end - bytes.Length;
            }
        }
    }
}
