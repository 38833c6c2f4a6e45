using System.Buffers;
using Sluice.Channels.Reading;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>
    /// Reads by a way of the caller's past the buffer, once what is in the buffer is read. As <see cref="ReadAsync"/>, except that
    /// <paramref name="receive"/> may have brought something that is no bytes even when this waits, or fails, afterwards.
    /// </summary>
    /// <param name="destination">Where to put the bytes; there is room for one at least.</param>
    /// <param name="receive">Receives as <see cref="IByteSource.TryReceive"/> does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
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

                ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
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

    // The LF of a line whose CR came last.
    private int DropLineFeed(Span<byte> bytes)
    {
        if (_skipLineFeed is not { } scanner)
        {
            return 0;
        }

        _skipLineFeed = null;
        if (!scanner.StartsWithLineFeed(new ReadOnlySequence<byte>(bytes.ToArray())))
        {
            return 0;
        }

        bytes[scanner.Unit..].CopyTo(bytes);
        return scanner.Unit;
    }
}
