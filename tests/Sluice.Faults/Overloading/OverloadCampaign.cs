using System.Globalization;
using Sluice.Faults.Kit;

namespace Sluice.Faults.Overloading;

/// <summary>
/// Finds out how much work a server does, and then asks for it, for twice and for ten times as much, whether or not the server answers. Where there are two processors,
/// the server has one and the clients have the other. Only a machine that does nothing else can show the promise.
/// </summary>
internal sealed class OverloadCampaign(Settings settings)
{
    private const double LeastShare = 0.9;
    private const int Rounds = 3;

    private static readonly double[] s_multiples = [1, 2, 10];

    private readonly TimeSpan _time = settings.Duration ?? TimeSpan.FromSeconds(2);

    private readonly Score _score = new();

    public async Task<int> RunAsync()
    {
        Console.WriteLine($"medians of {Rounds} windows of {_time.TotalSeconds:0} s");
        foreach (SelectorEngine engine in settings.Engines)
        {
            foreach (string load in new[] { "requests", "connections" })
            {
                await RunAsync(engine, load);
            }
        }

        return _score.End();
    }

    private async Task RunAsync(SelectorEngine engine, string load)
    {
        await using Child server = await StartAsync(0, "work", $"{engine}");
        await using Child clients = await StartAsync(1, "overload", $"{engine}", server.Ready[0]);

        // The first answers come from code that is not compiled to the end yet.
        double capacity = (await MeasureAsync(server, clients, load, 0)).Rate;
        var rounds = new List<Level[]>();
        for (int round = 0; round < Rounds; round++)
        {
            var levels = new List<Level> { await MeasureAsync(server, clients, load, 0) };
            capacity = Math.Max(capacity, levels[0].Rate);
            foreach (double multiple in s_multiples)
            {
                levels.Add(await MeasureAsync(server, clients, load, capacity * multiple));
            }

            rounds.Add([.. levels]);
        }

        Level[] medians = [.. Enumerable.Range(0, s_multiples.Length + 1).Select(level => MedianOf([.. rounds.Select(round => round[level])]))];
        double peak = medians.Max(level => level.Rate);

        // Requests beyond the capacity count: the first two levels find the peak.
        bool isGood = peak > 0 && medians[2..].All(level => level.Rate >= LeastShare * peak);
        _score.Report(isGood, $"{engine}, {load}: {string.Join("; ", medians.Select((level, number) => Text(level, peak, number)))}");
    }

    private async Task<Level> MeasureAsync(Child server, Child clients, string load, double rate)
    {
        TimeSpan before = Footprint.ProcessorTimeOf(server.Id);
        string[] answer = await clients.AskAsync(string.Create(CultureInfo.InvariantCulture, $"{load} {rate} {_time.TotalSeconds}"));
        TimeSpan used = Footprint.ProcessorTimeOf(server.Id) - before;
        return new Level(Number(answer[0]), Number(answer[1]) / used.TotalSeconds);
    }

    private static Level MedianOf(Level[] levels) => new(
        levels.Select(level => level.Rate).Order().ElementAt(Rounds / 2), levels.Select(level => level.Efficiency).Order().ElementAt(Rounds / 2));

    private static string Text(Level level, double peak, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(number == 0 ? "as fast as answered" : $"{s_multiples[number - 1]} times that")}: {level.Rate:0} a second, {level.Rate / peak:0.0 %} of the peak, {level.Efficiency:0} in a second of the processor");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static Task<Child> StartAsync(int processor, params string[] arguments) => Child.StartAsync(
        Environment.ProcessorCount > 1 && File.Exists("/usr/bin/taskset") ? Commands.StartOn(processor, arguments) : Commands.StartThis(arguments));
}
