using System.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Decodes a stream that may begin with bytes that belong to no frame.</summary>
internal interface IPrefacedFrames
{
    /// <summary>Whether these bytes, which are the whole stream, hold no frame.</summary>
    bool IsPreface(in ReadOnlySequence<byte> stream);
}
