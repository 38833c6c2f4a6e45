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
                int count = Buffered.IsEmpty && !AwaitsLineFeed ? ReceivePastBuffer(destination, receive) : TryReadBuffer(destination, receive);
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
        int count = ReceiveWith(receive, destination);
        TotalBytesRead += Math.Max(count, 0);
        return count;
    }

    // Reads from the buffer. If that may begin with the LF of the line before, bytes are received into it until this is decided: the channel that has read the
    // line counts its LF.
    private int TryReadBuffer(Memory<byte> destination, Func<Memory<byte>, int> receive)
    {
        while (AwaitsLineFeed)
        {
            int count = HoldsNextCharacter ? (int)_queue.Length : ReceiveWith(receive, destination);
            if (count == IByteSource.WouldBlock)
            {
                return count;
            }

            if (!HoldsNextCharacter && count > 0)
            {
                _queue.WriteShared(destination.Span[..count]);
            }

            TrySkipLineFeed(ended: count == 0, out _);
        }

        return !Buffered.IsEmpty ? TryReadCore(destination.Span) : _ended ? 0 : ReceivePastBuffer(destination, receive);
    }

    private int ReceiveWith(Func<Memory<byte>, int> receive, Memory<byte> destination)
    {
        try
        {
            int count = receive(destination);
            RememberEnd(count);
            return count;
        }
        catch (Exception exception) when (Remember(exception))
        {
            ThrowClosed();
            throw;
        }
    }
}
