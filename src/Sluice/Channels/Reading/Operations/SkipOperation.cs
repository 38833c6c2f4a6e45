using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Skips bytes as they come, and returns how many.</summary>
internal struct SkipOperation(long count, bool exactly) : IReadOperation<long>
{
    private long _done;

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out long result)
    {
        context.Consumed = Math.Min(buffered.Length, count - _done);
        _done += context.Consumed;
        result = _done;
        return _done == count || (context.Ended && (exactly ? throw Failures.EndOfStream(_done, count) : true));
    }
}
