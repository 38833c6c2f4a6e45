using System.Diagnostics;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>Runs <c>sluice connect</c>.</summary>
internal sealed class Client(ConnectSettings settings)
{
    public async Task<int> RunAsync()
    {
        await using SelectorManager selector = settings.Dial.Network.CreateSelector();
        long began = Stopwatch.GetTimestamp();
        if (settings.Probe)
        {
            return await new Probe(settings, new Dialer(selector, settings.Dial)).RunAsync();
        }

        settings.Dial.Tls.CheckFiles();
        await using Link link = await new Dialer(selector, settings.Dial).OpenAsync(settings.Address, CancellationToken.None);
        if (settings.Verbose)
        {
            LinkDescription.Write(link, Stopwatch.GetElapsedTime(began));
        }

        using Display display = Display.Create(settings);

        // A read from a terminal cannot be canceled. Once the server has closed, the client therefore ends without waiting for the next line.
        // An error of the input ends the client at once: otherwise the server would wait for more.
        var clock = new ReceiveClock();
        var sender = new Sender(settings, link, display);
        Task sending = Task.Run(sender.RunAsync);
        Task printing = PrintAsync(link, display, clock);
        if (link.IsWriteOnly || await Task.WhenAny(sending, printing) == sending)
        {
            await sending;
            if (settings.Wait is { } wait)
            {
                await clock.UntilQuietAsync(printing, wait);
                if (!printing.IsCompleted)
                {
                    return ExitCodes.Success;
                }
            }
        }

        await printing;
        if (StandardStreams.IsInputRedirected && !link.IsWriteOnly)
        {
            await sender.Progress.FinishAsync(sending, settings.Wait);
        }

        return link.Failure is { } failure ? Failures.Report(failure) : ExitCodes.Success;
    }

    private static async Task PrintAsync(Link link, Display display, ReceiveClock clock)
    {
        byte[] buffer = new byte[Link.BufferSize];
        int count;
        while ((count = await link.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            clock.Report();
            await display.ReceivedAsync(buffer.AsMemory(0, count));
        }
    }
}
