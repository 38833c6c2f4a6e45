using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads all bytes until the end of the stream.</summary>
internal readonly struct ToEndOperation(int limit) : IReadOperation<byte[]>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out byte[] result)
    {
        if (buffered.Length > limit)
        {
            throw new LimitExceededException("rest", limit, context.Position);
        }

        result = context.Ended ? buffered.ToArray() : [];
        context.Consumed = context.Ended ? buffered.Length : 0;
        return context.Ended;
    }
}
