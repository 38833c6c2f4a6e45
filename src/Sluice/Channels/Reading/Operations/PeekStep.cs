using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>So many bytes, or what there is at the end, to be looked at and not consumed.</summary>
internal readonly struct PeekStep(int count) : IReadStep<ReadOnlySequence<byte>>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out ReadOnlySequence<byte> result)
    {
        taking.Lent = buffered.Length >= count || taking.Ended;
        result = taking.Lent ? buffered.Slice(0, Math.Min(count, buffered.Length)) : default;
        return taking.Lent;
    }
}
