using System.Buffers;
using System.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Reads what is in memory already.</summary>
internal sealed class MemoryReadChannel(ReadOnlySequence<byte> bytes) : ByteReadChannel
{
    private ReadOnlySequence<byte> _bytes = bytes;
    private long _start;
    private long _length = bytes.Length;

    private protected override ReadOnlySequence<byte> Buffered => _bytes.Slice(_start);

    private protected override long BufferedLength => Volatile.Read(ref _length);

    private protected override bool IsSpent => true;

    private protected override int TryFillCore() => 0;

    private protected override int TryReadDirect(Span<byte> destination) => 0;

    private protected override ValueTask<WaitOutcome> WaitCoreAsync(CancellationToken cancellationToken) => throw new UnreachableException();

    private protected override Exception Failure(WaitOutcome signal) => new ObjectDisposedException(nameof(ByteReadChannel));

    private protected override void Interrupt()
    {
    }

    private protected override void ConsumeCore(long count)
    {
        _start += count;
        _length -= count;
    }

    // They are still there.
    private protected override void UnreadCore(ReadOnlySpan<byte> bytes)
    {
        _start -= bytes.Length;
        _length += bytes.Length;
    }

    private protected override void ReleaseBuffer()
    {
        _bytes = default;
        _start = 0;
        _length = 0;
    }
}
