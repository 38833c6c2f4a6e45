using System.Buffers;
using Sluice.Scheduling;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>
    /// A view of this channel that ends after <paramref name="count"/> bytes: for a body whose length is known. It reads from the same
    /// buffer, and from nothing beyond its end; afterwards, or meanwhile between two reads, this channel goes on where it stopped.
    /// </summary>
    /// <param name="count">How many bytes it has at most. It ends earlier if this channel does.</param>
    /// <returns>The view. Its <see cref="TotalBytesRead"/> counts what was read through it; cancelling it leaves this channel open.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ByteReadChannel Limit(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new View(this, count, copy: null);
    }

    /// <summary>
    /// A view of this channel whose <see cref="TotalBytesRead"/> begins at 0. It reads from the same buffer; between two reads, either of
    /// them can be used.
    /// </summary>
    /// <returns>The view. Cancelling it leaves this channel open.</returns>
    public ByteReadChannel Counted() => new View(this, long.MaxValue, copy: null);

    /// <summary>
    /// A view of this channel that copies what is read through it to <paramref name="copy"/>, each byte once, when it is consumed. What a
    /// failed read put back comes to the copy once.
    /// </summary>
    /// <param name="copy">
    /// Where to: a <see cref="System.IO.Pipelines.PipeWriter"/>, which is not flushed, an <see cref="ArrayBufferWriter{T}"/>, or such.
    /// </param>
    /// <returns>The view. It reads from the same buffer, and cancelling it leaves this channel open.</returns>
    public ByteReadChannel Tee(IBufferWriter<byte> copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        return new View(this, long.MaxValue, copy);
    }

    /// <summary>Another face of a channel: its buffer, up to a limit. Nested, for it works with what is protected there.</summary>
    private sealed class View(ByteReadChannel inner, long limit, IBufferWriter<byte>? copy) : ByteReadChannel(inner)
    {
        private readonly ByteReadChannel _source = inner;
        private long _left = limit;

        // At the front of the buffer, these were put back, and the copy has them.
        private long _copied;

        private protected override ReadOnlySequence<byte> Buffered
        {
            get
            {
                ReadOnlySequence<byte> bytes = _source._skipLineFeed is null ? _source.Buffered : ReadOnlySequence<byte>.Empty;
                return bytes.Length > _left ? bytes.Slice(0, _left) : bytes;
            }
        }

        private protected override long BufferedLength => Math.Min(_source.AvailableForRead, _left);

        private protected override bool IsSpent => _left == 0 || base.IsSpent || _source.IsClosedForRead;

        internal override bool IsLackOfMemory(Exception exception) => _source.IsLackOfMemory(exception);

        private protected override int TryFillCore() => Buffered.Length == _left ? 0 : _source.TryFill();

        private protected override int TryReadDirect(Span<byte> destination)
        {
            if (_left == 0)
            {
                return 0;
            }

            destination = destination[..(int)Math.Min(destination.Length, _left)];
            int count = _source.TryReadCore(destination);
            if (count > 0)
            {
                Copy(destination[..count]);
                _left -= count;
            }

            return count;
        }

        private protected override ValueTask<WaitOutcome> WaitCoreAsync(CancellationToken cancellationToken) => _source.WaitAsync(cancellationToken);

        private protected override Exception Failure(WaitOutcome signal) => _source.Failure(signal);

        private protected override void Interrupt() => _source.Interrupt();

        private protected override void ConsumeCore(long count)
        {
            Copy(Buffered.Slice(0, count));
            _source.Consume(count);
            _left -= count;
        }

        private protected override void HoldCore(long count)
        {
            Copy(Buffered.Slice(0, count));
            _source.Hold(count);
            _left -= count;
        }

        private protected override void UnreadCore(ReadOnlySpan<byte> bytes)
        {
            _source.UnreadCore(bytes);
            _source.TotalBytesRead -= bytes.Length;
            _source._pipeExaminedAll = false;
            _left += bytes.Length;
            _copied += bytes.Length;
        }

        private protected override void ReleaseBuffer()
        {
        }

        private void Copy(ReadOnlySequence<byte> bytes)
        {
            if (copy is not null)
            {
                foreach (ReadOnlyMemory<byte> segment in bytes)
                {
                    Copy(segment.Span);
                }
            }
        }

        private void Copy(ReadOnlySpan<byte> bytes)
        {
            int before = (int)Math.Min(_copied, bytes.Length);
            _copied -= before;
            copy?.Write(bytes[before..]);
        }
    }
}
