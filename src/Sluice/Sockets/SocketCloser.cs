using Sluice.Channels;
using Sluice.Diagnostics;
using Sluice.Engine;

namespace Sluice.Sockets;

/// <summary>Closes a connection so that the peer gets everything that was written, within a bounded time.</summary>
internal sealed class SocketCloser(
    SocketEngine engine, StreamTransport transport, SourceReadChannel? input, SinkWriteChannel? output, TaskCompletionSource completion)
{
    // Reading away what the peer still sends: how much at once, and how long to wait before looking again.
    private const int MaxDiscards = 256;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    public async Task CloseAsync()
    {
        long started = engine.TimeProvider.GetTimestamp();
        input?.CloseForRead();
        transport.CloseInput();
        try
        {
            if (output is null || await FlushAsync(started).ConfigureAwait(false))
            {
                await DiscardAsync(started).ConfigureAwait(false);
                transport.Close();
            }
            else
            {
                engine.Logger.CloseTimedOut(transport.RemoteEndPoint, transport.CloseTimeout);
                transport.Abort();
            }
        }
        catch (ObjectDisposedException)
        {
            // Aborted meanwhile: all is done.
        }
        finally
        {
            output?.Abandon();
            transport.Close();
            completion.TrySetResult();
        }
    }

    // False if the peer did not take it in time.
    private async Task<bool> FlushAsync(long started)
    {
        Task drained = output!.BeginClose();
        if (!drained.IsCompleted)
        {
            try
            {
                await drained.WaitAsync(Left(started), engine.TimeProvider).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    // Closing a socket with unread data, or one that more arrives at, makes the kernel reset the connection, and the reset can overtake
    // what we sent and the peer has not read yet (RFC 1122, 4.2.2.13; RFC 2525, 2.17). So if the peer was still sending: say that
    // we are done, and read on until it is, too.
    private async Task DiscardAsync(long started)
    {
        TimeSpan pause = s_firstPause;
        bool unread = false;
        for (int discards = 0; ; discards++)
        {
            bool open = transport.TryDiscard(out int dropped);
            if (!open)
            {
                return;
            }

            if (dropped > 0 && !unread)
            {
                unread = true;
                transport.ShutdownOutput();
            }

            if (dropped > 0 && discards < MaxDiscards)
            {
                continue;
            }

            if (!unread || Left(started) <= TimeSpan.Zero)
            {
                return;
            }

            discards = 0;
            await Task.Delay(pause, engine.TimeProvider).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private TimeSpan Left(long started)
    {
        TimeSpan left = transport.CloseTimeout - engine.TimeProvider.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
