using Sluice.Channels.Adapters;
using Sluice.Options;

namespace Sluice;

// For views: their synchronous half, and their disposal.
public sealed partial class ByteWriteChannel
{
    /// <summary>
    /// Writes as <see cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/> does, straight from the caller's memory. The calling thread
    /// blocks while there is no room.
    /// </summary>
    /// <param name="bytes">The bytes. They are copied once at most.</param>
    /// <param name="timeout">How long to block at most; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <exception cref="IOException">
    /// As for <see cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>, or the timeout passed.
    /// </exception>
    internal void WriteBlocking(ReadOnlySpan<byte> bytes, TimeSpan timeout)
    {
        if (!(AutoFlush && IsLarge(bytes.Length)) && _queue.TryAppendUncontended(bytes, AutoFlush))
        {
            return;
        }

        BeginWrite();
        var deadline = new BlockingDeadline(timeout, TimeProvider);
        int whole = bytes.Length;
        bool done = false;
        try
        {
            if (AutoFlush)
            {
                bytes = bytes[TrySendLarge(bytes)..];
            }

            while (!bytes.IsEmpty)
            {
                ThrowIfUnusable();
                int count = Math.Min(bytes.Length, HighWaterMark);
                if (_queue.TryAppend(bytes[..count], AutoFlush))
                {
                    bytes = bytes[count..];
                }
                else
                {
                    BlockedThread.Until(WaitForRoomAsync(count, deadline.Token));
                    bytes = bytes[TrySendLarge(bytes)..];
                }
            }

            done = true;
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw deadline.Exception("Writing", "to", PeerName);
        }
        finally
        {
            deadline.Dispose();
            if (!done && bytes.Length < whole)
            {
                _queue.CutMessagesOff();
            }

            EndWrite();
        }
    }

    /// <summary>Flushes as <see cref="FlushAsync"/> does. The calling thread blocks.</summary>
    /// <param name="timeout">
    /// How long to block at most; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. When it passes, the bytes stay on their way.
    /// </param>
    /// <exception cref="IOException">As for <see cref="FlushAsync"/>, or the timeout passed.</exception>
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
    /// Flushes for a view that is disposed of, for as long as closing may take. Leaves a write that is in progress alone: it sends by itself.
    /// </summary>
    /// <param name="end">The last bytes of the view.</param>
    internal async ValueTask FlushQuietlyAsync(ReadOnlyMemory<byte> end = default)
    {
        if (!_queue.TryBeginWrite())
        {
            return;
        }

        try
        {
            if (!end.IsEmpty || UnsentBytes > 0)
            {
                using CancellationTokenSource enough = Durations.CancelAfter(CloseTimeout, TimeProvider);
                await AppendAsync(end, begun: false, enough.Token).ConfigureAwait(false);
                await DrainAsync(enough.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is gone, or the peer does not read. That is no failure of the view's disposal: the channel's next call reports it.
        }
        finally
        {
            EndWrite();
        }
    }
}
