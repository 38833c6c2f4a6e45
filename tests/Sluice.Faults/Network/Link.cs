using System.Diagnostics;
using Sluice.Faults.Kit;

namespace Sluice.Faults.Network;

/// <summary>Two network namespaces and the link between them, through which this process carries each packet. Needs root and iproute2.</summary>
internal sealed class Link : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<Thread> _threads = [];
    private readonly TunDevice _client;
    private readonly TunDevice _server;
    private readonly Direction[] _directions;
    private NetworkFault _fault = NetworkFault.All[0];
    private long _since = Stopwatch.GetTimestamp();

    private Link(string clientNamespace, string serverNamespace, int seed)
    {
        (ClientNamespace, ServerNamespace) = (clientNamespace, serverNamespace);
        _client = TunDevice.Open(clientNamespace);
        _server = TunDevice.Open(serverNamespace);
        _directions = [new Direction(_client, _server, seed, State), new Direction(_server, _client, seed + 1, State)];
        foreach (Direction direction in _directions)
        {
            var thread = new Thread(() => direction.Run(_end.Token));
            thread.Start();
            _threads.Add(thread);
        }
    }

    public string ClientNamespace { get; }

    public string ServerNamespace { get; }

    /// <summary>Gets how many packets were dropped because too many were under way.</summary>
    public long Overflows => _directions.Sum(direction => direction.Overflows);

    public static string ServerAddress => "10.77.0.2";

    public static async Task<Link> CreateAsync(int seed)
    {
        string[] names = [$"sluice-{Environment.ProcessId}-a", $"sluice-{Environment.ProcessId}-b"];
        string[] addresses = ["10.77.0.1", ServerAddress];
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                await Commands.RunAsync("ip", "netns", "add", names[i]);
                await Commands.RunAsync("ip", "-n", names[i], "link", "set", "lo", "up");
                await Commands.RunAsync("ip", "-n", names[i], "tuntap", "add", "dev", TunDevice.Name, "mode", "tun");
                await Commands.RunAsync("ip", "-n", names[i], "addr", "add", addresses[i], "peer", addresses[1 - i], "dev", TunDevice.Name);
                await Commands.RunAsync("ip", "-n", names[i], "link", "set", TunDevice.Name, "txqueuelen", $"{TunDevice.QueueLength}", "up");
            }

            return new Link(names[0], names[1], seed);
        }
        catch
        {
            Delete(names);
            throw;
        }
    }

    /// <summary>Changes what the link does to packets.</summary>
    public void Set(NetworkFault fault)
    {
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
        Volatile.Write(ref _fault, fault);
    }

    public void Dispose()
    {
        _end.Cancel();
        _threads.ForEach(thread => thread.Join());
        _client.Dispose();
        _server.Dispose();
        Delete(ClientNamespace, ServerNamespace);
        _end.Dispose();
    }

    private static void Delete(params string[] names)
    {
        foreach (string name in names)
        {
            using var deleting = Process.Start(new ProcessStartInfo("ip", ["netns", "del", name]) { RedirectStandardError = true });
            deleting?.WaitForExit();
        }
    }

    private (NetworkFault Fault, TimeSpan Elapsed) State() => (Volatile.Read(ref _fault), Stopwatch.GetElapsedTime(Volatile.Read(ref _since)));
}
