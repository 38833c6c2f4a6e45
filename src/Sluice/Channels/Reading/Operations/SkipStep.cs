using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Drops bytes as they come. The result is how many were dropped.</summary>
internal struct SkipStep(long count, bool exactly) : IReadStep<long>
{
    private long _done;

    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out long result)
    {
        taking.Consumed = Math.Min(buffered.Length, count - _done);
        _done += taking.Consumed;
        result = _done;
        return _done == count || (taking.Ended && (exactly ? throw Failures.EndOfStream(_done, count) : true));
    }
}
