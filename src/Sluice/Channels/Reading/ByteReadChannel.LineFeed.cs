using Sluice.Channels.Reading;

namespace Sluice;

// A lenient line ended with a CR that was the last byte received. If an LF comes next, it belongs to that line, as if it had come with the CR: the channel
// that has read the line counts it, and so do the channels below it, whichever channel reads next. A view of another channel does not.
public sealed partial class ByteReadChannel
{
    // Used by the reader. Set from such a CR until it is decided whether an LF follows. In the channel that has read the line: the finder of the LF. Below a
    // view that has read it, in the channel that has no other below it: that view.
    private object? _openReturn;

    /// <summary>Receives into the buffer.</summary>
    /// <returns>How many bytes are new; 0 at the end of the stream; <see cref="IByteSource.WouldBlock"/> if the read has to wait.</returns>
    internal int TryFill()
    {
        if (_slice is not null || _openReturn is null)
        {
            return Receive();
        }

        // The bytes are there already if the writer to which a view copies has thrown at an earlier try.
        int count = HoldsNextCharacter ? (int)_queue.Length : Receive();
        if (count == IByteSource.WouldBlock || !TrySkipLineFeed(ended: count == 0, out bool skipped))
        {
            return IByteSource.WouldBlock;
        }

        // Also the bytes of earlier receives are new to the reader: it could not see them before this decision.
        return skipped && _queue.Length == 0 ? Receive() : (int)_queue.Length;
    }

    private bool AwaitsLineFeed => _slice is null ? _openReturn is not null : _slice.Inner.AwaitsLineFeed;

    private void AwaitLineFeed(LineEndingFinder finder)
    {
        if (_slice is null)
        {
            _openReturn = finder;
        }
        else if (_slice.HasRoomFor(finder.Unit))
        {
            _openReturn = finder;
            _slice.AwaitLineFeed(this);
        }
    }

    // The channel that has read the line; this one, or a view of it.
    private ByteReadChannel LineReader => _openReturn as ByteReadChannel ?? this;

    // Whether it can be decided if an LF comes next.
    private bool HoldsNextCharacter => _queue.Length >= ((LineEndingFinder)LineReader._openReturn!).Unit;

    // Skips the LF, if one comes next. False if more bytes have to come before that is known.
    private bool TrySkipLineFeed(bool ended, out bool skipped)
    {
        skipped = false;
        if (!HoldsNextCharacter && !ended)
        {
            return false;
        }

        object? open = _openReturn;
        ByteReadChannel reader = LineReader;
        var finder = (LineEndingFinder)reader._openReturn!;
        skipped = finder.StartsWithLineFeed(_queue.Bytes);
        _openReturn = null;
        if (skipped)
        {
            try
            {
                reader.Consume(finder.Unit);
            }
            catch
            {
                // Of the writer to which a view copies.
                _openReturn = open;
                throw;
            }
        }

        return true;
    }
}
