using System.Buffers;

namespace Sluice;

/// <summary>What an <see cref="IFrameDecoder{TFrame}"/> looks at.</summary>
/// <param name="buffered">What is there.</param>
/// <param name="examined">How much of it was there before.</param>
/// <param name="isFinal">Whether nothing more comes.</param>
/// <param name="position">How many bytes of the channel were read before.</param>
public readonly struct FrameInput(ReadOnlySequence<byte> buffered, long examined = 0, bool isFinal = false, long position = 0)
{
    /// <summary>What is there, from the beginning of the frame on.</summary>
    public ReadOnlySequence<byte> Buffered => buffered;

    /// <summary>
    /// How much of it was there the last time, when the frame was not complete: a search need not begin before that. 0 at first.
    /// </summary>
    public long Examined => examined;

    /// <summary>Whether nothing more comes: the stream ends behind what is there.</summary>
    public bool IsFinal => isFinal;

    /// <summary>Where the frame begins: how many bytes of the channel were read before it.</summary>
    public long Position => position;
}
