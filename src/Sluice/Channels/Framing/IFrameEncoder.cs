using System.Buffers;

namespace Sluice;

/// <summary>
/// How frames are written so that the other side can tell them apart: for
/// <see cref="ByteWriteChannel.WriteFrameAsync{TFrame}(IFrameEncoder{TFrame}, TFrame, CancellationToken)"/>. One that keeps nothing between
/// calls serves every connection.
/// </summary>
/// <typeparam name="TFrame">What a frame is made of.</typeparam>
public interface IFrameEncoder<in TFrame>
{
    /// <summary>Encodes a frame with everything around it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="output">Where to. What is written here leaves if this returns, and does not if it throws.</param>
    void Encode(TFrame frame, IBufferWriter<byte> output);
}
