using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Skips the given bytes if they come next. Waits only while the buffer is a prefix of them.</summary>
internal readonly struct SkipIfFoundOperation(ReadOnlyMemory<byte> bytes) : IReadOperation<bool>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
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
        context.Consumed = result ? bytes.Length : 0;
        return result || context.Ended;
    }
}
