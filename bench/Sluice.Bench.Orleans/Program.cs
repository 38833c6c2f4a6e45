using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sluice;
using Sluice.Bench.Orleans;

// Orleans on Sluice beside Orleans on its own sockets. Both clusters stand in this process, and short phases of load alternate between them: each pair of
// phases gives a ratio, of which the median counts. Usage: [seconds of a row] [part of a row's name] [engine]
double seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 20;
string part = args.Length > 1 ? args[1] : string.Empty;
SelectorEngine engine = args.Length > 2 ? Enum.Parse<SelectorEngine>(args[2], ignoreCase: true) : SelectorEngine.Auto;

await using Cluster sluice = await Cluster.StartAsync(
    "sluice",
    IPAddress.Parse("127.77.0.1"),
    silo => silo.UseSluice(options => options.ConfigureSelector = selector => selector.Engine = engine),
    client => client.UseSluice(options => options.ConfigureSelector = selector => selector.Engine = engine));
await using Cluster own = await Cluster.StartAsync("orleans", IPAddress.Parse("127.77.0.2"), _ => { }, _ => { });

Row[] rows =
[
    new("client-1", 1, 64),
    new("client-64", 64, 64),
    new("client-256", 256, 64),
    new("client-1-4KiB", 1, 4096),
    new("client-1-64KiB", 1, 65_536),
    new("silo-1", 1, 64, BetweenSilos: true),
    new("silo-64", 64, 64, BetweenSilos: true),
];
Console.WriteLine("| row | sluice, calls/s | orleans, calls/s | ratio | processor time, ratio |");
Console.WriteLine("|---|---|---|---|---|");
foreach (Row row in rows.Where(row => row.Name.Contains(part, StringComparison.Ordinal)))
{
    // So many calls that a phase lasts about a tenth of a second.
    int calls = 10;
    for (double took = 0; took < 0.1;)
    {
        long begun = Stopwatch.GetTimestamp();
        await row.CallAsync(own, calls);
        took = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        calls = took < 0.1 ? calls * 2 : calls;
    }

    var phases = new List<((double Seconds, double Processor) Sluice, (double Seconds, double Processor) Own)>();
    for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds + 5;)
    {
        bool warm = Stopwatch.GetElapsedTime(begun).TotalSeconds > 5;
        bool first = phases.Count % 2 == 0;
        var a = await MeasureAsync(row, first ? sluice : own, calls);
        var b = await MeasureAsync(row, first ? own : sluice, calls);
        if (warm)
        {
            phases.Add(first ? (a, b) : (b, a));
        }
    }

    double count = (double)row.Callers * calls;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Name} | {count / Median(phases.Select(phase => phase.Sluice.Seconds)):N0} | {count / Median(phases.Select(phase => phase.Own.Seconds)):N0} "
        + $"| {Median(phases.Select(phase => phase.Own.Seconds / phase.Sluice.Seconds)):N2} | {Median(phases.Select(phase => phase.Sluice.Processor / phase.Own.Processor)):N2} |"));
}

static async Task<(double Seconds, double Processor)> MeasureAsync(Row row, Cluster cluster, int calls)
{
    TimeSpan processor = Environment.CpuUsage.TotalTime;
    long begun = Stopwatch.GetTimestamp();
    await row.CallAsync(cluster, calls);
    return (Stopwatch.GetElapsedTime(begun).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
}

static double Median(IEnumerable<double> values)
{
    double[] sorted = [.. values.Order()];
    return sorted[sorted.Length / 2];
}
