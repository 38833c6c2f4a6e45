using System.Diagnostics;
using Sluice.Channels.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Represents a source that has ended: all bytes of its channel are in the channel's buffer already.</summary>
internal sealed class EndedSource : IByteSource
{
    private EndedSource()
    {
    }

    public static EndedSource Instance { get; } = new();

    public int TryReceive(SegmentQueue into) => 0;

    public int TryReceive(Span<byte> destination) => 0;

    public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => throw new UnreachableException();

    public Exception ReadFailure(WaitOutcome outcome) => new ObjectDisposedException(nameof(ByteReadChannel));

    public void InterruptRead()
    {
    }
}
