using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>A decoder of a stream that may begin with bytes which belong to no frame.</summary>
internal interface IPrefacedFrames
{
    /// <summary>Whether this is all of the stream and holds no frame.</summary>
    bool IsPreface(in ReadOnlySequence<byte> stream);
}
