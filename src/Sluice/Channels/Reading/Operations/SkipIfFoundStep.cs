using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Drops the given bytes if they come next. Decides as soon as it can.</summary>
internal readonly struct SkipIfFoundStep(ReadOnlyMemory<byte> bytes) : IReadStep<bool>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out bool result)
    {
        ReadOnlySpan<byte> left = bytes.Span;
        foreach (ReadOnlyMemory<byte> segment in buffered)
        {
            int count = Math.Min(segment.Length, left.Length);
            if (!segment.Span[..count].SequenceEqual(left[..count]))
            {
                result = false;
                return true;
            }

            left = left[count..];
            if (left.IsEmpty)
            {
                break;
            }
        }

        result = left.IsEmpty;
        taking.Consumed = result ? bytes.Length : 0;
        return result || taking.Ended;
    }
}
