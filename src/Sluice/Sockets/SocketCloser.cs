using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;
using Sluice.Tls;

namespace Sluice.Sockets;

/// <summary>Closes a connection so that the peer gets everything that was written, within a bounded time.</summary>
internal sealed class SocketCloser(
    SocketEngine engine, StreamTransport transport, TlsLayer? layer, SourceReadChannel? input, SinkWriteChannel? output, Action<DisposalSteps> closed)
{
    // Reading away what the peer still sends: how often at once, and how long to wait before looking again.
    private const int MaxDiscards = 256;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes every step, and never fails: what a step throws is logged.</summary>
    public async Task CloseAsync()
    {
        long started = engine.TimeProvider.GetTimestamp();
        var steps = new DisposalSteps();
        steps.Run(this, static closer => closer.EndReads());
        await steps.RunAsync(() => SendAndCloseAsync(started)).ConfigureAwait(false);
        steps.Run(output, static output => output?.DiscardAndClose());
        steps.Run(layer, static layer => layer?.DiscardAndClose());
        steps.Run(transport, static transport => transport.Close());
        steps.Run(layer, static layer => layer?.Dispose());
        closed(steps);
        transport.LogFailure(steps);
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

    private async Task SendAndCloseAsync(long started)
    {
        try
        {
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
            // Aborted by another caller, which has closed the descriptor.
        }
    }

    // False if the peer did not take it in time.
    private async Task<bool> FlushAsync(long started) =>
        (output is null || await IsDoneAsync(output.BeginClose(), started).ConfigureAwait(false))
        && (layer is null || await IsDoneAsync(layer.ShutdownAsync(), started).ConfigureAwait(false));

    private async ValueTask<bool> IsDoneAsync(Task task, long started)
    {
        if (!task.IsCompleted)
        {
            try
            {
                await task.WaitAsync(Left(started), engine.TimeProvider).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    // Closing a socket with unread data, or one that more arrives at, makes the kernel reset the connection, and the reset destroys what
    // it has not sent yet and can overtake what the peer has not read yet (RFC 1122, 4.2.2.13; RFC 2525, 2.17). So while the peer still
    // sends, or has not got everything: say that we are done, and read on until it has, and is done, too.
    private async Task LingerAsync(long started)
    {
        TimeSpan pause = s_firstPause;
        bool peerSends = false;
        bool saidSo = false;
        while (Discard(out bool any))
        {
            peerSends |= any;
            bool peerLacks = transport.UnacknowledgedBytes > (saidSo ? 1 : 0);
            if ((!peerSends && !peerLacks) || Left(started) <= TimeSpan.Zero)
            {
                return;
            }

            if (!saidSo)
            {
                saidSo = true;
                transport.ShutdownOutput();
            }

            await Task.Delay(pause, engine.TimeProvider).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    // Reads away what is there. False once the peer has ended.
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

    private TimeSpan Left(long started)
    {
        TimeSpan left = transport.CloseTimeout - engine.TimeProvider.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
