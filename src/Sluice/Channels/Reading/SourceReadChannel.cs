using System.Buffers;
using Sluice.Channels.Buffers;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Reads from an <see cref="IByteSource"/>, straight into segments of its own: no task stands between.</summary>
internal sealed class SourceReadChannel(IByteSource source, MemoryPool<byte>? pool) : ByteReadChannel
{
    private readonly SegmentQueue _queue = new(pool);

    /// <summary>What is closed when it is dropped, and has not been while this channel is held: the socket. Null if there is no such thing.</summary>
    internal object? KeptAlive { get; init; }

    private protected override ReadOnlySequence<byte> Buffered => _queue.Bytes;

    private protected override long BufferedLength => _queue.Length;

    internal override TimeProvider TimeProvider => source.TimeProvider;

    internal override bool IsLackOfMemory(Exception exception) =>
        ReferenceEquals(exception, _queue.RentFailure) || source.IsLackOfMemory(exception);

    private protected override int TryFillCore()
    {
        if (source is ISegmentSource segments)
        {
            return segments.TryReceive(_queue);
        }

        Memory<byte> free = _queue.Lease(1);
        int count = 0;
        try
        {
            count = source.TryReceive(free.Span);
            return count;
        }
        finally
        {
            if (count > 0)
            {
                _queue.Commit(count);
            }
            else
            {
                _queue.EndLease();
            }
        }
    }

    private protected override ISplice? OpenSplice(ByteWriteChannel destination) => destination.OpenSplice(source);

    private protected override int TryReadDirect(Span<byte> destination) => source.TryReceive(destination);

    private protected override ValueTask<WaitOutcome> WaitCoreAsync(CancellationToken cancellationToken) => source.WaitReceivableAsync(cancellationToken);

    private protected override string? PeerName => source.PeerName;

    private protected override Exception Failure(WaitOutcome signal) => source.ReceiveFailure(signal);

    internal override bool IsSignallable => source.IsSignallable;

    internal override void SignalReceivable() => source.SignalReceivable();

    private protected override void Interrupt() => source.InterruptReceive();

    private protected override void ConsumeCore(long count) => _queue.Consume(count);

    private protected override bool TryConsumeContiguous(int count, out ReadOnlySpan<byte> bytes) => _queue.TryConsumeContiguous(count, out bytes);

    private protected override void UnreadCore(ReadOnlySpan<byte> bytes) => _queue.Unread(bytes);

    private protected override void ReleaseBuffer() => _queue.Clear();

    private protected override void ReleaseHeldBuffer() => _queue.ClearHeld();

    private protected override void CloseSource() => source.CompleteReceiving(CloseCause);
}
