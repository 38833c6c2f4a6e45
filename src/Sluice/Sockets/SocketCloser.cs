using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Tls;

namespace Sluice.Sockets;

/// <summary>Closes a connection so that the peer receives everything that was written, within a bounded time.</summary>
internal sealed class SocketCloser(
    SocketEngine engine, StreamTransport transport, TlsLayer? layer, ByteReadChannel? input, ByteWriteChannel? output, Action<DisposalSteps> finish)
{
    // The number of receives in a row that discard what the peer still sends, before a pause.
    private const int MaxDiscards = 256;

    /// <summary>Takes every step, and never fails: the exceptions of a step are logged.</summary>
    public async Task CloseAsync()
    {
        var steps = new DisposalSteps();
        steps.Run(this, static closer => closer.EndReads());
        await steps.RunAsync(SendAndCloseAsync).ConfigureAwait(false);
        steps.Run(output, static output => output?.DiscardAndClose());
        steps.Run(layer, static layer => layer?.DiscardAndClose());
        finish(steps);
    }

    private void EndReads()
    {
        try
        {
            input?.Cancel();
        }
        finally
        {
            if (layer is null)
            {
                transport.CloseInput();
            }
        }
    }

    private async Task SendAndCloseAsync()
    {
        try
        {
            long started = engine.TimeProvider.GetTimestamp();
            if (await FlushAsync(started).ConfigureAwait(false))
            {
                transport.CloseInput();
                await LingerAsync(started).ConfigureAwait(false);
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
            // Another caller aborted the connection, which closed the descriptor.
        }
    }

    // False if the peer did not receive everything in time.
    private async Task<bool> FlushAsync(long started) =>
        (output is null || await IsDoneAsync(output.BeginClose(), started).ConfigureAwait(false))
        && (layer is null || await IsDoneAsync(layer.ShutdownAsync(), started).ConfigureAwait(false));

    private async ValueTask<bool> IsDoneAsync(Task task, long started)
    {
        if (!task.IsCompleted)
        {
            try
            {
                await task.WaitAsync(TimeLeft(started), engine.TimeProvider).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    // If a socket is closed with unread data, or data arrives at a closed one, the kernel resets the connection. The reset discards unsent bytes, and can
    // overtake bytes that the peer has not read (RFC 1122, 4.2.2.13; RFC 2525, 2.17). So while the peer still sends, or has not acknowledged everything:
    // send the FIN, and read until it has acknowledged it and has sent its own.
    private async Task LingerAsync(long started)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
        bool peerSends = false;
        bool finSent = false;
        while (Discard(out bool any))
        {
            peerSends |= any;
            bool peerLacksBytes = transport.UnacknowledgedBytes > (finSent ? 1 : 0);
            if ((!peerSends && !peerLacksBytes) || TimeLeft(started) <= TimeSpan.Zero)
            {
                return;
            }

            if (!finSent)
            {
                finSent = true;
                transport.ShutdownOutput();
            }

            // The limit is by the clock that was given, which may stand still; the acknowledgement comes all the same.
            await Task.Delay(backoff.Next(), engine.KernelTime).ConfigureAwait(false);
        }
    }

    // Discards what has arrived. False once the peer has ended.
    private bool Discard(out bool any)
    {
        any = false;
        for (int i = 0; i < MaxDiscards; i++)
        {
            if (!transport.TryDiscard(out int dropped))
            {
                return false;
            }

            if (dropped == 0)
            {
                break;
            }

            any = true;
        }

        return true;
    }

    private TimeSpan TimeLeft(long started) => Durations.Left(transport.CloseTimeout, started, engine.TimeProvider);
}
