using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads exactly <paramref name="count"/> bytes.</summary>
internal readonly struct BytesOperation(int count) : IReadOperation<byte[]>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out byte[] result)
    {
        if (buffered.Length < count)
        {
            result = [];
            return context.Ended ? throw Failures.EndOfStream(buffered.Length, count) : false;
        }

        result = buffered.Slice(0, count).ToArray();
        context.Consumed = count;
        return true;
    }
}
