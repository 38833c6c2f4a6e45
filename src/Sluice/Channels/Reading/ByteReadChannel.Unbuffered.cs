using System.Buffers;
using Sluice.Channels.Reading;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>
    /// Reads as <see cref="ReadAsync"/> does, but receives with <paramref name="receive"/> once the buffer is empty. Besides bytes, a receive may
    /// have brought something else (descriptors), even if the read waits or fails afterwards.
    /// </summary>
    /// <param name="destination">Receives the bytes. Not empty.</param>
    /// <param name="receive">Receives as <see cref="IByteSource.TryReceive(Span{byte})"/> does.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    internal async ValueTask<int> ReadPastBufferAsync(Memory<byte> destination, Func<Memory<byte>, int> receive, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        try
        {
            while (true)
            {
                int count = Buffered.IsEmpty ? ReceivePastBuffer(destination, receive) : TryReadCore(destination.Span);
                if (count != IByteSource.WouldBlock)
                {
                    return count;
                }

                ThrowUnlessUsable(await WaitReadableAsync(cancellationToken).AsValueTask().ConfigureAwait(false));
            }
        }
        finally
        {
            End();
        }
    }

    private int ReceivePastBuffer(Memory<byte> destination, Func<Memory<byte>, int> receive)
    {
        while (true)
        {
            int count;
            try
            {
                count = receive(destination);
            }
            catch (Exception exception) when (Remember(exception))
            {
                ThrowClosed();
                throw;
            }

            if (count <= 0)
            {
                RememberEnd(count);
                return count;
            }

            TotalBytesRead += count;
            int rest = count - DropLineFeed(destination.Span[..count]);
            if (rest > 0)
            {
                return rest;
            }
        }
    }

    // Removes the LF of a line that has ended with the CR before it.
    private int DropLineFeed(Span<byte> bytes)
    {
        if (_openReturn is null)
        {
            return 0;
        }

        var finder = (LineEndingFinder)((_openReturn as ByteReadChannel)?._openReturn ?? _openReturn);
        _openReturn = null;
        if (!finder.StartsWithLineFeed(new ReadOnlySequence<byte>(bytes.ToArray())))
        {
            return 0;
        }

        bytes[finder.Unit..].CopyTo(bytes);
        return finder.Unit;
    }
}
