using Sluice.Channels.Adapters;
using Sluice.Channels.Reading;

namespace Sluice;

// For the synchronous methods of the stream view.
public sealed partial class ByteReadChannel
{
    /// <summary>Gets the clock that measures the timeout of a blocking read.</summary>
    internal TimeProvider TimeProvider => _source.TimeProvider;

    /// <summary>Reads as <see cref="ReadAsync"/> does, and blocks the calling thread while there is nothing.</summary>
    /// <param name="destination">Receives the bytes. If it is empty, the read waits for data and consumes none.</param>
    /// <param name="timeout">How long to block; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>How many bytes were read; 0 at the end of the stream.</returns>
    /// <exception cref="IOException">As with <see cref="ReadAsync"/>, or the timeout passed: nothing was consumed.</exception>
    internal int ReadBlocking(Span<byte> destination, TimeSpan timeout)
    {
        Begin();
        try
        {
            int count = TryReadCore(destination);
            return count == IByteSource.WouldBlock ? BlockAndRead(destination, timeout) : count;
        }
        finally
        {
            End();
        }
    }

    private int BlockAndRead(Span<byte> destination, TimeSpan timeout)
    {
        var deadline = new BlockingDeadline(timeout, TimeProvider);
        try
        {
            int count;
            do
            {
                ThrowUnlessUsable(BlockedThread.Until(WaitReadableAsync(deadline.Token).AsValueTask()));
                count = TryReadCore(destination);
            }
            while (count == IByteSource.WouldBlock);

            return count;
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw deadline.Exception("Reading", "from", PeerName);
        }
        finally
        {
            deadline.Dispose();
        }
    }
}
