using Sluice.Channels.Adapters;
using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>For the synchronous half of the stream view.</summary>
public abstract partial class ByteReadChannel
{
    /// <summary>What measures the time that a blocking read may take.</summary>
    internal virtual TimeProvider TimeProvider => _inner?.TimeProvider ?? TimeProvider.System;

    /// <summary>As <see cref="ReadAsync"/>, straight into the caller's memory, and the calling thread blocks while there is nothing.</summary>
    /// <param name="destination">Where to put the bytes. If it is empty, the read waits for data and consumes none.</param>
    /// <param name="timeout">How long to block; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>How many bytes were read; 0 at the end of the stream.</returns>
    /// <exception cref="IOException">As with <see cref="ReadAsync"/>, or the time has passed: nothing was consumed.</exception>
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
                ThrowUnlessUsable(BlockedThread.Until(WaitAsync(deadline.Token)));
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
