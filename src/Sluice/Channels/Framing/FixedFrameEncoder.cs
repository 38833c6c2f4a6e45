using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Encodes frames that all have the same length.</summary>
internal sealed class FixedFrameEncoder(int length) : EnvelopeEncoder
{
    public override int WriteHead(in ReadOnlySequence<byte> frame, Span<byte> head) => frame.Length == length
        ? 0
        : throw new ArgumentException($"The frame has {frame.Length} bytes; every frame needs {length}.", nameof(frame));
}
