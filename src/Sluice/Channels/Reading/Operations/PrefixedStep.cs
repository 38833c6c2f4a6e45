using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>A length, and so many bytes.</summary>
internal readonly struct PrefixedStep<T, TForm>(LengthPrefix prefix, int limit, TForm form) : IReadStep<T>
    where TForm : struct, IBytesForm<T>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out T result)
    {
        result = default!;
        if (!prefix.TryRead(buffered, out ulong length, out int size))
        {
            return taking.Ended ? throw Failures.Unfinished("length", buffered.Length) : false;
        }

        if (length > (ulong)limit)
        {
            throw new LimitExceededException("block", limit, taking.Position);
        }

        long whole = size + (long)length;
        if (buffered.Length < whole)
        {
            return taking.Ended ? throw Failures.EndOfStream(buffered.Length, whole) : false;
        }

        result = form.Take(buffered.Slice(size), (long)length);
        taking.Consumed = whole;
        return true;
    }
}
