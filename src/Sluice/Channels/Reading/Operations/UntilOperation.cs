using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads the bytes before a delimiter; false at the end of the stream.</summary>
internal struct UntilOperation(ReadOnlyMemory<byte> delimiter, IBufferWriter<byte> destination, int limit) : IReadOperation<bool>
{
    // No delimiter starts before this offset.
    private long _scanned;

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
    {
        long length = Delimiter.IndexOf(buffered, _scanned, delimiter.Span);
        if (length > limit || (length < 0 && buffered.Length >= (long)limit + delimiter.Length))
        {
            throw new LimitExceededException("block", limit, context.Position);
        }

        result = length >= 0;
        if (result)
        {
            context.CopyAhead(length + delimiter.Length);
            foreach (ReadOnlyMemory<byte> segment in buffered.Slice(0, length))
            {
                destination.Write(segment.Span);
            }

            context.Consumed = length + delimiter.Length;
            return true;
        }

        if (context.Ended && !buffered.IsEmpty)
        {
            throw Failures.Unfinished("block up to a delimiter", buffered.Length);
        }

        _scanned = Math.Max(0, buffered.Length - delimiter.Length + 1);
        return context.Ended;
    }
}
