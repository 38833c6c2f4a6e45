using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice.Channels.Framing;

/// <summary>Decodes lines. Waits for the byte behind a CR, which may be the first half of an ending.</summary>
internal sealed class LineFrameDecoder(LineReadOptions options) : IFrameDecoder<string>, IPrefacedFrames
{
    public LineReadOptions Options => options;

    // Includes an ending of two characters and a byte order mark.
    public long MaxBuffered => (long)options.MaxLength + (2 * options.EndingFinder.Unit) + options.Mark.Length;

    public bool IsPreface(in ReadOnlySequence<byte> stream) => options.Mark.Measure(stream, out _) == stream.Length;

    public bool TryDecode(in FrameInput input, out string frame, out long consumed)
    {
        var taking = new ReadContext(input.Position, input.IsFinal);
        bool found = new LineOperation<string, StringProjection>(options, new StringProjection(options.Encoding)).TryParse(input.Buffered, ref taking, out string? line);
        frame = line ?? "";
        consumed = taking.Consumed;
        return found && (taking.SkipLineFeed is null || input.IsFinal);
    }
}
