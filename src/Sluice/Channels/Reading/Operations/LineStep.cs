using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>A line; nothing at the end.</summary>
internal struct LineStep<T, TForm>(LineReadOptions options, TForm form) : IReadStep<T?>
    where TForm : struct, IBytesForm<T>
{
    // Everything up to here is known to hold no ending.
    private long _scanned;

    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out T? result) => taking.Position == 0
        ? TryTakeFirst(buffered, ref taking, out result)
        : TryTake(buffered, skip: 0, ref taking, out result);

    // The first line of the channel, behind a byte order mark. The mark is consumed with the line: a read that ends before leaves both.
    private bool TryTakeFirst(in ReadOnlySequence<byte> buffered, ref Taking taking, out T? result)
    {
        int skip = options.Mark.Measure(buffered, out bool isOpen);
        if (isOpen && !taking.Ended)
        {
            result = default;
            return false;
        }

        bool taken = TryTake(buffered.Slice(skip), skip, ref taking, out result);
        if (taken && taking.Consumed == 0)
        {
            taking.Consumed = skip;
        }

        return taken;
    }

    private bool TryTake(in ReadOnlySequence<byte> buffered, int skip, ref Taking taking, out T? result)
    {
        LineScanner scanner = options.Scanner;
        if (scanner.TryFind(buffered, _scanned, out long length, out long consumed, out bool openReturn))
        {
            result = Take(buffered, length, skip + consumed, ref taking);
            taking.SkipLineFeed = openReturn ? scanner : null;
            return true;
        }

        if (scanner.IsOver(buffered, options.MaxLength))
        {
            throw new LineTooLongException(options.MaxLength, taking.Position + skip);
        }

        if (taking.Ended && !buffered.IsEmpty)
        {
            result = options.RequireEnding
                ? throw Failures.Unfinished("line", buffered.Length)
                : Take(buffered, buffered.Length, skip + buffered.Length, ref taking);
            return true;
        }

        // Whole characters only: the last one may be incomplete.
        _scanned = buffered.Length - (buffered.Length % scanner.Unit);
        result = default;
        return taking.Ended;
    }

    private readonly T Take(in ReadOnlySequence<byte> buffered, long length, long consumed, ref Taking taking)
    {
        if (length > options.MaxLength)
        {
            throw new LineTooLongException(options.MaxLength, taking.Position);
        }

        taking.Consumed = consumed;
        taking.Lent = TForm.IsView;
        return form.Take(buffered, length);
    }
}
