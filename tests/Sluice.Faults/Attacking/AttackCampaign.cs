using System.Diagnostics;
using System.Globalization;
using Sluice.Faults.Kit;

namespace Sluice.Faults.Attacking;

/// <summary>
/// Measures how long a server lets good clients wait, without and under each attack. The attackers have the lowest priority and a bounded rate, so that the server
/// is what is measured. Only a machine that does nothing else can show the promise.
/// </summary>
internal sealed class AttackCampaign(Settings settings)
{
    private const int Windows = 3;
    private const int PlainClients = 16;
    private const int TlsClients = 4;
    private const double MaxRatio = 2;

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(10);

    private readonly TimeSpan _time = settings.Duration ?? TimeSpan.FromSeconds(1);

    private readonly Score _score = new();

    public async Task<int> RunAsync()
    {
        Attack[] attacks = [.. Attacks.All.Where(attack => attack.Name.Contains(settings.Fault, StringComparison.OrdinalIgnoreCase))];
        Console.WriteLine($"{attacks.Length} attacks, {PlainClients + TlsClients} good clients, medians of {Windows} windows of {_time.TotalSeconds:0} s without and under each, seed {settings.Seed}");
        foreach (SelectorEngine engine in settings.Engines)
        {
            await using Child server = await Child.StartAsync(Commands.StartThis("lines", $"{engine}"));
            await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
            var good = new GoodClients(selector, server.Ready);
            await good.MeasureAsync(PlainClients, TlsClients, s_period, TimeSpan.FromSeconds(2));
            foreach (Attack attack in attacks)
            {
                await RunAsync(engine, attack, server, good);
            }
        }

        return _score.End();
    }

    private async Task RunAsync(SelectorEngine engine, Attack attack, Child server, GoodClients good)
    {
        Window without = await MeasureAsync(good);
        Window under;
        TimeSpan processor;
        double rate;
        await using (Child attackers = await Child.StartAsync(Commands.StartNiced(["attack", attack.Name, $"{settings.Seed}", .. server.Ready])))
        {
            if (attack.IsStopped)
            {
                await Commands.RunAsync("kill", "-STOP", $"{attackers.Id}");
            }

            TimeSpan before = Footprint.ProcessorTimeOf(server.Id);
            long began = Stopwatch.GetTimestamp();
            long acted = attack.IsStopped ? 0 : long.Parse((await attackers.AskAsync())[0], CultureInfo.InvariantCulture);
            under = await MeasureAsync(good);
            acted = attack.IsStopped ? 0 : long.Parse((await attackers.AskAsync())[0], CultureInfo.InvariantCulture) - acted;
            rate = acted / Stopwatch.GetElapsedTime(began).TotalSeconds;
            processor = (Footprint.ProcessorTimeOf(server.Id) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (attack.IsStopped)
            {
                await Commands.RunAsync("kill", "-CONT", $"{attackers.Id}");
            }
        }

        double ratio = under.Percentile99 / without.Percentile99;
        bool isGood = under.Fault is null && ratio <= MaxRatio;
        _score.Report(isGood, string.Create(
            CultureInfo.InvariantCulture,
            $"{engine}, {attack.Name}: p50 {without.Median.TotalMicroseconds:0} -> {under.Median.TotalMicroseconds:0} µs, p99 {without.Percentile99.TotalMicroseconds:0} -> {under.Percentile99.TotalMicroseconds:0} µs, "
            + $"{ratio:0.00} times; {rate:0} acts of the attackers a second; the server used {processor.TotalSeconds:0.00} processors{(under.Fault is null ? "" : $"; {under.Fault}")}"));
    }

    private async Task<Window> MeasureAsync(GoodClients good)
    {
        var windows = new List<Window>();
        for (int i = 0; i < Windows; i++)
        {
            windows.Add(await good.MeasureAsync(PlainClients, TlsClients, s_period, _time));
        }

        return new Window(
            windows.Select(window => window.Median).Order().ElementAt(Windows / 2),
            windows.Select(window => window.Percentile99).Order().ElementAt(Windows / 2),
            windows.Select(window => window.Fault).FirstOrDefault(fault => fault is not null));
    }
}
