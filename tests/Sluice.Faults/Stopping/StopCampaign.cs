using System.Diagnostics;

namespace Sluice.Faults.Stopping;

/// <summary>Stops a server under full load, again and again, on each engine, and prints the results.</summary>
internal sealed class StopCampaign(Settings settings)
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    // How much later than its grace a stop may return on a machine that does other work too.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Score _score = new();

    public async Task<int> RunAsync()
    {
        Console.WriteLine($"{settings.Count} stops under load, {settings.Connections} clients, a grace of {s_grace.TotalSeconds:0} s, seed {settings.Seed}");
        foreach (SelectorEngine engine in settings.Engines)
        {
            await RunAsync(engine);
        }

        return _score.End();
    }

    private async Task RunAsync(SelectorEngine engine)
    {
        var random = new Random(settings.Seed);
        var ledger = new Ledger();
        TimeSpan worst = TimeSpan.Zero;
        int late = 0;
        int stops = 0;
        string? hung = null;
        await using var clients = new SelectorManager(new SelectorOptions { Engine = engine });
        for (; stops < settings.Count && ledger.Faults.IsEmpty && hung is null; stops++)
        {
            try
            {
                TimeSpan took = await StopOnceAsync(engine, clients, ledger, TimeSpan.FromMilliseconds(random.Next(5, 60))).WaitAsync(s_grace + s_patience);
                worst = took > worst ? took : worst;
                late += took > s_grace ? 1 : 0;
            }
            catch (TimeoutException)
            {
                hung = $"the stop {stops + 1} hangs";
            }
        }

        bool isGood = ledger.Faults.IsEmpty && hung is null && ledger.Answered > 0;
        _score.Report(
            isGood,
            $"{engine}: {stops} stops, the longest {worst.TotalSeconds:0.000} s, {late} after the grace; {ledger.Connections} connections, {ledger.Aborted} aborted, "
            + $"{ledger.Answered} requests answered");
        foreach (string fault in ledger.Faults.Append(hung).OfType<string>().Take(10))
        {
            Console.WriteLine($"     {fault}");
        }
    }

    private async Task<TimeSpan> StopOnceAsync(SelectorEngine engine, SelectorManager clients, Ledger ledger, TimeSpan load)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });

        // A close of one connection that gives up early would lose replies, and the stop would not say so.
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", configure: options => options.Accepted.CloseTimeout = s_grace + s_patience);
        Task serving = server.ServeAsync((connection, token) => Server.AnswerAsync(connection, ledger, token));
        Task[] loads = [.. Enumerable.Range(0, settings.Connections).Select(_ => Client.RunAsync(clients, server.LocalEndPoint, ledger))];
        await ledger.WaitForReplyAsync();
        await Task.Delay(load);

        long began = Stopwatch.GetTimestamp();
        int aborted = await server.StopAsync(s_grace);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        await serving;
        await Task.WhenAll(loads);
        ledger.Check(aborted);
        return took;
    }
}
