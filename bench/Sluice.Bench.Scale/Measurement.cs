using System.Globalization;

namespace Sluice.Bench.Scale;

/// <summary>Opens connections, and measures what the server uses more than before; then with idle and with busy connections.</summary>
internal sealed class Measurement(string[] args)
{
    // A process of these has at most so many connections: the limit of descriptors (ulimit -n) is 20,000 in many places. A server with more is several processes.
    private const int PerProcess = 15_000;

    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(2);

    private readonly bool _tls = args.Contains("--tls");
    private readonly double _seconds = double.Parse(Option("--seconds", args) ?? "5", CultureInfo.InvariantCulture);
    private readonly string? _pid = Option("--pid", args);
    private readonly string _say = Option("--say", args) ?? "echo";

    public void Run()
    {
        int[] counts = [.. args.TakeWhile(arg => !arg.StartsWith('-')).Select(arg => int.Parse(arg, CultureInfo.InvariantCulture))];
        Console.WriteLine("connections | processes | resident idle, KiB each | resident busy, KiB each | kernel (both ends), KiB each | processor, idle | processor, busy | us a message");
        foreach (int count in counts.Length == 0 ? [1000, 10_000, 50_000] : counts)
        {
            Measure(count);
        }
    }

    private static string? Option(string name, string[] args) => args.SkipWhile(arg => arg != name).Skip(1).FirstOrDefault();

    private void Measure(int count)
    {
        int processes = (count + PerProcess - 1) / PerProcess;
        Peer[] servers = _pid is null ? [.. Enumerable.Range(0, processes).Select(_ => new Peer("server", Tls))] : [];
        string[] ports = [.. servers.Select(server => $"{server.Read()}")];
        Peer[] clients = [.. Enumerable.Range(0, processes).Select(
            i => new Peer("client", _pid is null ? ports[i] : Option("--port", args)!, $"127.0.1.{i + 1}", Tls, _say))];
        int[] ids = _pid is null ? [.. servers.Select(server => server.Id)] : [int.Parse(_pid, CultureInfo.InvariantCulture)];
        try
        {
            // The first connections pay for code and pools.
            Ask(clients, $"open {500 / processes}");
            if (_say == "echo")
            {
                Ask(clients, "busy 1000 1");
            }

            Thread.Sleep(s_settling);
            ProcessCost before = ProcessCost.Read(ids);
            Ask(clients, $"open {count / processes}");
            Thread.Sleep(s_settling);
            ProcessCost opened = ProcessCost.Read(ids);
            Thread.Sleep(TimeSpan.FromSeconds(_seconds));
            ProcessCost idle = ProcessCost.Read(ids);

            // Each connection one message a second, of at most 10,000 a second in all.
            int rate = _say == "echo" ? Math.Min(count, 10_000) : 0;
            long answers = rate == 0 ? 0 : Ask(clients, string.Create(CultureInfo.InvariantCulture, $"busy {rate / processes} {_seconds}"));
            ProcessCost busy = ProcessCost.Read(ids);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{count} | {processes} | {(opened.ResidentBytes - before.ResidentBytes) / 1024 / count:0.0} | {(busy.ResidentBytes - before.ResidentBytes) / 1024 / count:0.0} | {(opened.KernelBytes - before.KernelBytes) / 1024 / count:0.0} | {(idle.Processor - opened.Processor).TotalSeconds / _seconds:0.0%} | {(busy.Processor - idle.Processor).TotalSeconds / _seconds:0.0%} of one, {answers / _seconds:0}/s | {(busy.Processor - idle.Processor).TotalMicroseconds / Math.Max(1, answers):0.0}"));
        }
        finally
        {
            Array.ForEach([.. clients, .. servers], peer => peer.Dispose());
        }
    }

    private string Tls => _tls ? "tls" : "plain";

    private static long Ask(Peer[] clients, string command)
    {
        Array.ForEach(clients, client => client.Tell(command));
        return clients.Sum(client => client.Read());
    }
}
