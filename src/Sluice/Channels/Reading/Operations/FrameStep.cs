using System.Buffers;
using Sluice.Channels.Framing;

namespace Sluice.Channels.Reading;

/// <summary>A frame; none at the end.</summary>
internal struct FrameStep<TFrame>(IFrameDecoder<TFrame> decoder) : IReadStep<(bool Found, TFrame Frame)>
{
    private long _examined;

    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out (bool Found, TFrame Frame) result)
    {
        result = default;
        if (buffered.IsEmpty)
        {
            return taking.Ended;
        }

        if (taking.Ended && taking.Position == 0 && decoder is IPrefacedFrames prefaced && prefaced.IsPreface(buffered))
        {
            taking.Consumed = buffered.Length;
            return true;
        }

        var input = new FrameInput(buffered, _examined, taking.Ended, taking.Position);
        if (decoder.TryDecode(input, out TFrame frame, out long consumed))
        {
            if (consumed <= 0 || consumed > buffered.Length)
            {
                throw new InvalidOperationException($"The decoder says that its frame has {consumed} of the {buffered.Length} bytes that are there.");
            }

            // Whether the frame shows the buffer is not known, so it stays.
            taking.Consumed = consumed;
            taking.Lent = true;
            result = (true, frame);
            return true;
        }

        if (buffered.Length > decoder.MaxBuffered)
        {
            throw new LimitExceededException("frame", decoder.MaxBuffered, taking.Position);
        }

        _examined = buffered.Length;
        return taking.Ended ? throw Failures.Unfinished("frame", buffered.Length) : false;
    }
}
