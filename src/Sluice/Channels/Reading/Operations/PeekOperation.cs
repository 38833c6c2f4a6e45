using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Returns the next bytes, fewer at the end of the stream, and consumes none.</summary>
internal readonly struct PeekOperation(int count) : IReadOperation<ReadOnlySequence<byte>>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out ReadOnlySequence<byte> result)
    {
        context.Held = buffered.Length >= count || context.Ended;
        result = context.Held ? buffered.Slice(0, Math.Min(count, buffered.Length)) : default;
        return context.Held;
    }
}
