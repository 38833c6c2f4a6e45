using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a line; null at the end of the stream.</summary>
internal struct LineOperation<T, TProjection>(LineReadOptions options, TProjection projection) : IReadOperation<T?>
    where TProjection : struct, IBytesProjection<T>
{
    // The bytes before this offset hold no line ending.
    private long _scanned;

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T? result) => context.Position == 0
        ? TryParseFirst(buffered, ref context, out result)
        : TryParse(buffered, skip: 0, ref context, out result);

    // The first line of the channel may follow a byte order mark, which is consumed with the line: a read that fails leaves both.
    private bool TryParseFirst(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T? result)
    {
        int skip = options.Mark.Measure(buffered, out bool isOpen);
        if (isOpen && !context.Ended)
        {
            result = default;
            return false;
        }

        bool taken = TryParse(buffered.Slice(skip), skip, ref context, out result);
        if (taken && context.Consumed == 0)
        {
            context.Consumed = skip;
        }

        return taken;
    }

    private bool TryParse(in ReadOnlySequence<byte> buffered, int skip, ref ReadContext context, out T? result)
    {
        LineEndingFinder finder = options.EndingFinder;
        if (finder.TryFind(buffered, _scanned, out long length, out long consumed, out bool openReturn))
        {
            result = Take(buffered, length, skip + consumed, ref context);
            context.SkipLineFeed = openReturn ? finder : null;
            return true;
        }

        if (finder.IsOver(buffered, options.MaxLength))
        {
            throw new LineTooLongException(options.MaxLength, context.Position + skip);
        }

        if (context.Ended && !buffered.IsEmpty)
        {
            result = options.RequireEnding
                ? throw Failures.Unfinished("line", buffered.Length)
                : Take(buffered, buffered.Length, skip + buffered.Length, ref context);
            return true;
        }

        // In whole characters: the last one may be incomplete.
        _scanned = buffered.Length - (buffered.Length % finder.Unit);
        result = default;
        return context.Ended;
    }

    private readonly T Take(in ReadOnlySequence<byte> buffered, long length, long consumed, ref ReadContext context)
    {
        if (length > options.MaxLength)
        {
            throw new LineTooLongException(options.MaxLength, context.Position);
        }

        if (TProjection.IsPassedOn)
        {
            context.CopyAhead(consumed);
        }

        context.Consumed = consumed;
        context.Held = TProjection.IsView;
        return projection.Project(buffered.Slice(0, length));
    }
}
