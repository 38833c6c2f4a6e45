using Sluice.Channels.Adapters;
using Sluice.Options;

namespace Sluice;

/// <summary>For views: their synchronous half, and what disposes of them.</summary>
public abstract partial class ByteWriteChannel
{
    /// <summary>What measures the time that a blocking write, or closing, may take.</summary>
    internal abstract TimeProvider TimeProvider { get; }

    /// <summary>How long a view that is disposed of waits for its flush.</summary>
    internal abstract TimeSpan CloseTimeout { get; }

    /// <summary>
    /// As <see cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>, straight from the caller's memory, and the calling thread blocks
    /// while there is no room.
    /// </summary>
    /// <param name="bytes">The bytes. They are copied once at most.</param>
    /// <param name="timeout">How long to block; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <exception cref="IOException">As with <see cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>, or the time has passed.</exception>
    internal void WriteBlocking(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        if (!(AutoFlush && bytes.Length >= DirectSendThreshold) && TryAppendUncontended(bytes, ref _state))
        {
            return;
        }

        Begin();
        try
        {
            ThrowIfUnusable();
            if (AutoFlush)
            {
                bytes = bytes[TrySendLarge(bytes)..];
            }

            if (!TryAppend(bytes, AutoFlush))
            {
                BlockAndAppend(bytes, timeout);
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>As <see cref="FlushAsync"/>; the calling thread blocks.</summary>
    /// <param name="timeout">How long to block; <see cref="Timeout.InfiniteTimeSpan"/> for ever. The bytes stay on their way.</param>
    /// <exception cref="IOException">As with <see cref="FlushAsync"/>, or the time has passed.</exception>
    internal void FlushBlocking(TimeSpan timeout)
    {
        var deadline = new BlockingDeadline(timeout, TimeProvider);
        try
        {
            BlockedThread.Until(FlushAsync(deadline.Token));
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw deadline.Exception("Writing", "to", PeerName);
        }
        finally
        {
            deadline.Dispose();
        }
    }

    /// <summary>
    /// Flushes for a view that is disposed of, for as long as closing may take. A write that is in progress is left alone: it sends by itself.
    /// </summary>
    internal async ValueTask FlushQuietlyAsync()
    {
        if (!TryBegin())
        {
            return;
        }

        try
        {
            if (UnsentBytes > 0)
            {
                using CancellationTokenSource enough = Durations.CancelAfter(CloseTimeout, TimeProvider);
                await DrainAsync(enough.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is gone, or its peer does not read: that is no fault of disposing a view of it. The next user of the channel
            // hears it.
        }
        finally
        {
            End();
        }
    }

    private void BlockAndAppend(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        var deadline = new BlockingDeadline(timeout, TimeProvider);
        try
        {
            while (!bytes.IsEmpty)
            {
                int count = Math.Min(bytes.Length, HighWaterMark);
                if (TryAppend(bytes[..count], AutoFlush))
                {
                    bytes = bytes[count..];
                }
                else
                {
                    BlockedThread.Until(WaitForRoomAsync(count, deadline.Token));
                    bytes = bytes[TrySendLarge(bytes)..];
                }
            }
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw deadline.Exception("Writing", "to", PeerName);
        }
        finally
        {
            deadline.Dispose();
        }
    }
}
