using System.Buffers;

namespace Sluice;

/// <summary>
/// Turns frames into bytes that the other side can delimit, for
/// <see cref="ByteWriteChannel.WriteFrameAsync{TFrame}(IFrameEncoder{TFrame}, TFrame, CancellationToken)"/>. An encoder that keeps nothing between
/// calls serves every connection.
/// </summary>
/// <typeparam name="TFrame">The type of a frame.</typeparam>
public interface IFrameEncoder<in TFrame>
{
    /// <summary>Encodes a frame and the bytes around it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="output">The destination. Its bytes are sent if this returns, and dropped if it throws.</param>
    void Encode(TFrame frame, IBufferWriter<byte> output);
}
