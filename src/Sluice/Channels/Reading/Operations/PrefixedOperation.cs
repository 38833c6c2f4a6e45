using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a length and as many bytes.</summary>
internal readonly struct PrefixedOperation<T, TProjection>(LengthPrefix prefix, int limit, TProjection projection) : IReadOperation<T>
    where TProjection : struct, IBytesProjection<T>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T result)
    {
        result = default!;
        if (!prefix.TryRead(buffered, out ulong length, out int size))
        {
            return context.Ended ? throw Failures.Unfinished("length", buffered.Length) : false;
        }

        if (length > (ulong)limit)
        {
            throw new LimitExceededException("block", limit, context.Position);
        }

        long whole = size + (long)length;
        if (buffered.Length < whole)
        {
            return context.Ended ? throw Failures.EndOfStream(buffered.Length, whole) : false;
        }

        result = projection.Project(buffered.Slice(size, (long)length));
        context.Consumed = whole;
        return true;
    }
}
