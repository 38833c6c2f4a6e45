using System.Runtime.InteropServices;
using Cluster.Load;
using Microsoft.Extensions.Configuration;

namespace Cluster.Run;

/// <summary>Starts a cluster and clients, kills or restarts nodes, and says what the clients saw.</summary>
internal sealed class ClusterRun(RunOptions options, Nodes nodes, Island? island, CancellationToken stopping)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Tally _tally = new();
    private readonly List<TimeSpan> _greeted = [];
    private readonly List<TimeSpan> _served = [];
    private LoadClient[] _clients = [];
    private int _failures;

    public static async Task<int> RunAsync(string[] args)
    {
        RunOptions options = new ConfigurationBuilder().AddCommandLine(args).Build().Get<RunOptions>() ?? new RunOptions();
        string[] missing = [.. ((string[])["redis-server", "haproxy"]).Where(program => !IsInstalled(program))];
        if (missing.Length > 0)
        {
            Console.Error.WriteLine($"{string.Join(" and ", missing)} not found. On Debian and Ubuntu: sudo apt-get install --no-install-recommends redis-server haproxy");
            return 2;
        }

        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await using Island? island = options.Partition ? await Island.CreateAsync() : null;
            await using var nodes = new Nodes(island);
            return await new ClusterRun(options, nodes, island, stopping.Token).RunAsync() ? 0 : 1;
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
        catch (PlatformNotSupportedException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 2;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }
    }

    private static bool IsInstalled(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private async Task<bool> RunAsync()
    {
        await nodes.StartAsync(stopping);
        Console.WriteLine($"Three nodes serve behind {nodes.EndPoint}.");
        string[] rooms = [.. Enumerable.Range(0, options.Rooms).Select(i => $"room{i}")];
        _clients = [.. Enumerable.Range(0, options.Clients).Select(
            i => new LoadClient($"client{i}", nodes.EndPoint, [rooms[i % rooms.Length], rooms[((5 * i) + 1) % rooms.Length]], _tally))];
        LoadClient[] insiders = island is null ? [] : [.. Enumerable.Range(0, 6).Select(i => new LoadClient($"insider{i}", nodes.Socket, [rooms[i], rooms[^1]], _tally))];
        _clients = [.. _clients, .. insiders];
        using var done = new CancellationTokenSource();
        Task load = SendAsync(done.Token);
        await UntilAsync(() => _clients.All(client => client.Node is not null), "all clients are greeted");
        if (island is not null)
        {
            await CutOffAsync(island, insiders);
        }
        else if (options.Kill == 0 && options.Roll == 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.Seconds), stopping);
        }

        for (int i = 0; i < options.Kill; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), stopping);
            await KillAsync(i);
        }

        for (int node = 0; node < options.Roll * Nodes.Count; node++)
        {
            await RestartAsync(node % Nodes.Count);
        }

        await done.CancelAsync();
        await load;
        bool all = await UntilAsync(() => _tally.IsGood && _clients.All(client => client.IsDone), "every member has every message");
        if (_served.Count > 0)
        {
            Console.WriteLine($"{options.Kill} kills, {_served.Count} clients of dead nodes: {Describe("greeted", _greeted)}, {Describe("served", _served)}.");
        }

        Console.WriteLine(_tally);
        foreach (LoadClient client in _clients)
        {
            await client.DisposeAsync();
        }

        return all && _failures == 0;
    }

    private async Task SendAsync(CancellationToken done)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / options.Rate));
        for (int i = 0; !done.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None); i++)
        {
            Array.ForEach(_clients, client => client.Send(i));
        }
    }

    private async Task KillAsync(int number)
    {
        int node = number % Nodes.Count;
        nodes.Kill(node);
        Outage[] outages = [.. _clients.Where(client => client.Node == Nodes.Name(node)).Select(client => client.BeginOutage())];
        await UntilAsync(() => outages.All(outage => outage.Ended.IsCompleted), "all clients of the dead node are served again");
        List<TimeSpan> greeted = [.. outages.Where(outage => outage.Ended.IsCompleted).Select(outage => outage.Greeted!.Value)];
        List<TimeSpan> served = [.. outages.Where(outage => outage.Ended.IsCompleted).Select(outage => outage.Served)];
        Console.WriteLine($"Killed {Nodes.Name(node)}, which served {outages.Length} clients: {Describe("greeted", greeted)}, {Describe("served", served)}.");
        _greeted.AddRange(greeted);
        _served.AddRange(served);
        await nodes.StartAsync(node, stopping);
    }

    // A node that is cut off can reach neither the others nor the store. Its own clients reach nothing but this node.
    private async Task CutOffAsync(Island from, LoadClient[] insiders)
    {
        int node = Nodes.Count - 1;
        await Task.Delay(TimeSpan.FromSeconds(3), stopping);
        Outage[] outsiders = [.. _clients.Except(insiders).Where(client => client.Node == Nodes.Name(node)).Select(client => client.BeginOutage())];
        await from.CutAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), stopping);
        int before = insiders.Sum(client => client.Acknowledged);
        await UntilAsync(() => outsiders.All(outage => outage.Ended.IsCompleted), "the others serve all clients that can reach them");
        await Task.Delay(TimeSpan.FromSeconds(8), stopping);
        int acknowledged = insiders.Sum(client => client.Acknowledged) - before;
        Console.WriteLine($"Cut off {Nodes.Name(node)}. Of its clients, {outsiders.Length} reach the others: {Describe("served", [.. outsiders.Select(outage => outage.Served)])}.");
        Console.WriteLine($"{insiders.Length} reach only this node: {acknowledged} acknowledgements.");

        Outage[] back = [.. insiders.Select(client => client.BeginOutage())];
        await from.MendAsync();
        bool ended = await UntilAsync(() => nodes.HasExited(node), "the node learns that the others have removed it, and ends");
        if (ended)
        {
            await nodes.StartAsync(node, stopping);
        }

        await UntilAsync(() => back.All(outage => outage.Ended.IsCompleted), "all its clients are served again");
        Console.WriteLine($"Mended and restarted: {Describe("served", [.. back.Select(outage => outage.Served)])}.");
        _failures += acknowledged + (ended ? 0 : 1);
    }

    private async Task RestartAsync(int node)
    {
        int errors = _tally.Errors;
        int code = await nodes.StopAsync(node).WaitAsync(stopping);
        await nodes.StartAsync(node, stopping);
        await Task.Delay(TimeSpan.FromSeconds(2), stopping);
        Console.WriteLine($"Restarted {Nodes.Name(node)}, which ended with {code}: {_tally.Errors - errors} errors of connections.");
        _failures += code == 0 ? _tally.Errors - errors : 1;
    }

    private async Task<bool> UntilAsync(Func<bool> condition, string what)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        enough.CancelAfter(s_patience);
        while (!condition())
        {
            stopping.ThrowIfCancellationRequested();
            if (enough.IsCancellationRequested)
            {
                Console.WriteLine($"After {s_patience.TotalSeconds} s, it is not yet so that {what}.");
                return false;
            }

            await Task.Delay(20, stopping);
        }

        return true;
    }

    private static string Describe(string what, List<TimeSpan> times)
    {
        double[] seconds = [.. times.Select(time => time.TotalSeconds).Order()];
        return seconds.Length == 0 ? $"none {what}" : $"{what} again after {seconds[seconds.Length / 2]:0.00} s (median), {seconds[^1]:0.00} s (maximum)";
    }
}
