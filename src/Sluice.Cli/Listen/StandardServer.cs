using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Listen;

/// <summary>Prints what a client sends, and sends it the standard input.</summary>
internal sealed class StandardServer(StandardLink standard, bool sendsInput) : ILinkServer
{
    private readonly SendProgress _progress = new();

    public async Task ServeAsync(Link link, CancellationToken cancellationToken)
    {
        // As with connect, the end of the client ends it, although more could be typed. Piped input is still sent.
        Task sending = sendsInput ? SendAsync(link, cancellationToken) : Task.CompletedTask;
        await PrintAsync(link, cancellationToken);
        if (sendsInput && StandardStreams.IsInputRedirected)
        {
            await _progress.FinishAsync(sending);
        }
        else if (sending.IsFaulted)
        {
            await sending;
        }
    }

    private async Task PrintAsync(Link link, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Link.BufferSize];
        int count;
        while ((count = await link.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await standard.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private async Task SendAsync(Link link, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Transfer.BufferSize(standard, link)];
        int count;
        try
        {
            while ((count = await standard.ReadAsync(buffer, cancellationToken)) > 0)
            {
                _progress.BeginWrite();
                await link.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                _progress.EndWrite();
            }

            // The end flushes what the connection still holds.
            _progress.BeginWrite();
            await link.CompleteAsync(cancellationToken);
            _progress.EndWrite();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client takes nothing more. What it still sends is printed.
        }
    }
}
