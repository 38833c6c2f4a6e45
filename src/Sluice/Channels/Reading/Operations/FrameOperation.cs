using System.Buffers;
using Sluice.Channels.Framing;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a frame; none at the end of the stream.</summary>
internal struct FrameOperation<TFrame>(IFrameDecoder<TFrame> decoder) : IReadOperation<(bool Found, TFrame Frame)>
{
    private long _examined;

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out (bool Found, TFrame Frame) result)
    {
        result = default;
        if (buffered.IsEmpty)
        {
            return context.Ended;
        }

        if (context.Ended && context.Position == 0 && decoder is IPrefacedFrames prefaced && prefaced.IsPreface(buffered))
        {
            context.Consumed = buffered.Length;
            return true;
        }

        var input = new FrameInput(buffered, _examined, context.Ended, context.Position);
        if (decoder.TryDecode(input, out TFrame frame, out long consumed))
        {
            if (consumed <= 0 || consumed > buffered.Length)
            {
                throw new InvalidOperationException($"The decoder says that its frame has {consumed} of the {buffered.Length} bytes that are there.");
            }

            // The frame may be a view of the buffer, so its bytes stay.
            context.Consumed = consumed;
            context.Held = true;
            result = (true, frame);
            return true;
        }

        if (buffered.Length > decoder.MaxBuffered)
        {
            throw new LimitExceededException("frame", decoder.MaxBuffered, context.Position);
        }

        _examined = buffered.Length;
        return context.Ended ? throw Failures.Unfinished("frame", buffered.Length) : false;
    }
}
