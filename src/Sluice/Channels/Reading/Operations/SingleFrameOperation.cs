using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a frame that has to be there.</summary>
internal struct SingleFrameOperation<TFrame>(IFrameDecoder<TFrame> decoder) : IReadOperation<TFrame>
{
    private FrameOperation<TFrame> _operation = new(decoder);

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out TFrame result)
    {
        bool done = _operation.TryParse(buffered, ref context, out (bool Found, TFrame Frame) parsed);
        result = parsed.Frame;
        return done && !parsed.Found ? throw Failures.Unfinished("frame", 0) : done;
    }
}
