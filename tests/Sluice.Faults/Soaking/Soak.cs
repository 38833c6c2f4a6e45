using System.Globalization;
using Sluice.Faults.Kit;

namespace Sluice.Faults.Soaking;

/// <summary>A server and its load on one engine, each in a process of its own.</summary>
internal sealed class Soak : IAsyncDisposable
{
    // How much more than in the first minutes a process may hold in the last ones.
    private const double MaxGrowth = 1.05;

    // By default .NET collects garbage for the first time after as much as the processor's cache holds, which takes a low load more than an hour.
    private const string CollectOften = "export DOTNET_GCgen0size=0x400000";

    private readonly List<SoakSample> _samples = [];
    private readonly SelectorEngine _engine;
    private readonly Child _server;
    private readonly Child _load;

    private Soak(SelectorEngine engine, Child server, Child load) => (_engine, _server, _load) = (engine, server, load);

    public static async Task<Soak> StartAsync(SelectorEngine engine)
    {
        Child server = await Child.StartAsync(Commands.StartAfter(CollectOften, "lines", $"{engine}"));
        return new Soak(engine, server, await Child.StartAsync(Commands.StartAfter(CollectOften, "soak-load", $"{engine}", server.Ready[0], server.Ready[1])));
    }

    /// <summary>Prints what has happened since the last call.</summary>
    public async Task SampleAsync(int minute)
    {
        string[] load = await _load.AskAsync();
        string[] server = await _server.AskAsync();
        var sample = new SoakSample(Footprint.Of(_server.Id), Footprint.Of(_load.Id), Number(load[2]) / 1000.0, (int)Number(load[5]));
        if (minute > 0)
        {
            _samples.Add(sample);
        }

        TimeSpan processor = Footprint.ProcessorTimeOf(_server.Id) + Footprint.ProcessorTimeOf(_load.Id);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"minute {minute}, {_engine}: {load[0]} requests, p50 {Number(load[1]) / 1000.0:0.00} ms, p99 {sample.Percentile99:0.00} ms, {load[3]} connections, {Number(load[4]) / 1e6:0.0} MB; server {Text(sample.Server)}, "
            + $"heap {Number(server[0]) / 1e6:0.0} MB, {server[1]} sockets; clients {Text(sample.Clients)}; {processor.TotalSeconds:0.0} s of processor time; {load[5]} failures{(sample.Failures > 0 ? $": {string.Join(' ', load[6..])}" : "")}"));
    }

    /// <summary>Compares the last minutes with the first ones.</summary>
    /// <returns>True if nothing has grown or failed.</returns>
    public bool Conclude()
    {
        int minutes = Math.Min(10, Math.Max(_samples.Count / 2, 1));
        IReadOnlyList<SoakSample> first = _samples[..minutes];
        IReadOnlyList<SoakSample> last = _samples[^minutes..];
        (string Name, Func<SoakSample, double> Of, double Slack)[] all =
        [
            ("server MB", sample => sample.Server.Memory / 1e6, 0),
            ("server descriptors", sample => sample.Server.Descriptors, 2),
            ("server threads", sample => sample.Server.Threads, 2),
            ("clients MB", sample => sample.Clients.Memory / 1e6, 0),
            ("clients descriptors", sample => sample.Clients.Descriptors, 2),
            ("clients threads", sample => sample.Clients.Threads, 2),
        ];
        bool isGood = _samples[^1].Failures == 0;
        foreach ((string name, Func<SoakSample, double> of, double slack) in all)
        {
            (double before, double after) = (first.Average(of), last.Average(of));
            bool isFlat = after <= (before * MaxGrowth) + slack;
            isGood &= isFlat;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(isFlat ? "ok  " : "FAIL")} {_engine}, {name}: {before:0.0} in the first {minutes} minutes, {after:0.0} in the last, {(after / before) - 1:+0.0 %;-0.0 %}"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"     {_engine}, p99: {first.Average(sample => sample.Percentile99):0.00} ms in the first {minutes} minutes, {last.Average(sample => sample.Percentile99):0.00} ms in the last; {_samples[^1].Failures} failures"));
        return isGood;
    }

    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static string Text(Footprint footprint) => string.Create(
        CultureInfo.InvariantCulture, $"{footprint.Memory / 1e6:0.0} MB, {footprint.Descriptors} descriptors, {footprint.Threads} threads");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
