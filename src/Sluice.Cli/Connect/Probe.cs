using System.Diagnostics;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>Runs <c>sluice connect --probe</c>: tests whether a server accepts a connection.</summary>
internal sealed class Probe(ConnectSettings settings, Dialer dialer)
{
    public async Task<int> RunAsync()
    {
        long began = Stopwatch.GetTimestamp();
        Link? link = null;
        string? error = null;
        try
        {
            settings.Dial.Tls.CheckFiles();
            link = await dialer.OpenAsync(settings.Address, CancellationToken.None);
        }
        catch (Exception exception) when (settings.Json && Failures.IsExpected(exception))
        {
            error = Failures.MessageOf(exception);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        string? remote = link?.Connection?.RemoteEndPoint.ToString();
        if (settings.Json)
        {
            Console.WriteLine(JsonLine.Of(
                ("endPoint", $"{settings.Address}"), ("open", error is null), ("remote", remote), ("milliseconds", elapsed.TotalMilliseconds),
                ("tls", link?.Connection?.Tls?.Protocol.ToString()), ("error", error)));
        }
        else
        {
            Console.WriteLine($"{settings.Address} is open{(remote is null ? "" : $" ({remote})")}, {Quantity.Milliseconds(elapsed)}");
        }

        if (link is not null)
        {
            if (settings.Verbose)
            {
                LinkDescription.Write(link, elapsed);
            }

            await link.DisposeAsync();
        }

        return error is null ? ExitCodes.Success : ExitCodes.Failure;
    }
}
