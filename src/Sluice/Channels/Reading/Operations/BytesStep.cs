using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Just so many bytes.</summary>
internal readonly struct BytesStep(int count) : IReadStep<byte[]>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out byte[] result)
    {
        if (buffered.Length < count)
        {
            result = [];
            return taking.Ended ? throw Failures.EndOfStream(buffered.Length, count) : false;
        }

        result = buffered.Slice(0, count).ToArray();
        taking.Consumed = count;
        return true;
    }
}
