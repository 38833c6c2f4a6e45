using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Everything until the end.</summary>
internal readonly struct ToEndStep(int limit) : IReadStep<byte[]>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out byte[] result)
    {
        if (buffered.Length > limit)
        {
            throw new LimitExceededException("rest", limit, taking.Position);
        }

        result = taking.Ended ? buffered.ToArray() : [];
        taking.Consumed = taking.Ended ? buffered.Length : 0;
        return taking.Ended;
    }
}
