using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>So many bytes, or what there is at the end, to be looked at and not consumed.</summary>
internal readonly struct PeekOperation(int count) : IReadOperation<ReadOnlySequence<byte>>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out ReadOnlySequence<byte> result)
    {
        context.Held = buffered.Length >= count || context.Ended;
        result = context.Held ? buffered.Slice(0, Math.Min(count, buffered.Length)) : default;
        return context.Held;
    }
}
