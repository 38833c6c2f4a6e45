using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Drops bytes as they come. The result is how many were dropped.</summary>
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
