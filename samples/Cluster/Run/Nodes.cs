using System.Net;
using System.Net.Sockets;
using Sluice;

namespace Cluster.Run;

/// <summary>Redis, HAProxy and three nodes, on free ports of the loopback address; or, with an island, the last node there and the others at the wire.</summary>
internal sealed class Nodes(Island? island = null) : IAsyncDisposable
{
    public const int Count = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster").FullName;
    private readonly int[] _ports = FreePorts(2 + (4 * Count));
    private readonly Child?[] _nodes = new Child?[Count];
    private Child? _redis;
    private Child? _proxy;

    private int RedisPort => _ports[0];

    /// <summary>Where HAProxy listens.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Loopback, _ports[1]);

    /// <summary>A Unix domain socket of the last node. It crosses network namespaces, so clients reach a node that is cut off.</summary>
    public UnixDomainSocketEndPoint Socket => new(Path.Combine(_folder, "socket"));

    private string MainAddress => island?.MainAddress ?? "127.0.0.1";

    public static string Name(int node) => $"n{node + 1}";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _redis = Child.Start(
            Log("redis"),
            "redis-server",
            ["--bind", MainAddress, "--protected-mode", "no", "--port", $"{RedisPort}", "--dir", _folder, "--save", "", "--appendonly", "yes"]);
        await WaitAsync("redis", _redis, new IPEndPoint(IPAddress.Parse(MainAddress), RedisPort), cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(node => StartAsync(node, cancellationToken)));
        var environment = new Dictionary<string, string> { ["CLIENTS"] = $"{EndPoint}" };
        for (int node = 0; node < Count; node++)
        {
            environment[$"NODE{node + 1}"] = $"{Address(node)}:{Port(node, 0)}";
            environment[$"HEALTH{node + 1}"] = $"{Port(node, 3)}";
        }

        _proxy = Child.Start(Log("haproxy"), "haproxy", ["-db", "-f", Path.Combine(AppContext.BaseDirectory, "haproxy.cfg")], environment);
        await WaitAsync("haproxy", _proxy, EndPoint, cancellationToken);
    }

    public async Task StartAsync(int node, CancellationToken cancellationToken)
    {
        if (_nodes[node] is { } former)
        {
            await former.DisposeAsync();
        }

        string[] command =
        [
            Environment.ProcessPath!,
            .. Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? (string[])[typeof(Nodes).Assembly.Location] : [],
            "node", "--Name", Name(node), "--Address", Address(node), "--Proxies", $"{MainAddress}/32", "--Redis", $"{MainAddress}:{RedisPort}",
            "--Port", $"{Port(node, 0)}", "--SiloPort", $"{Port(node, 1)}", "--GatewayPort", $"{Port(node, 2)}", "--HealthPort", $"{Port(node, 3)}",
        ];
        if (node == Count - 1)
        {
            command = [.. command, "--Socket", Path.Combine(_folder, "socket")];
            command = island?.Command(command) ?? command;
        }

        Child child = _nodes[node] = Child.Start(Log(Name(node)), command[0], command[1..]);
        await WaitAsync(Name(node), child, new IPEndPoint(IPAddress.Parse(Address(node)), Port(node, 0)), cancellationToken);
    }

    /// <summary>Kills a node, which has no time to say anything (SIGKILL).</summary>
    public void Kill(int node) => _nodes[node]!.Kill();

    /// <summary>Whether a node has ended by itself.</summary>
    public bool HasExited(int node) => _nodes[node]!.HasExited;

    /// <summary>Stops a node in order (SIGTERM).</summary>
    public Task<int> StopAsync(int node) => _nodes[node]!.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (Child? child in (Child?[])[_proxy, .. _nodes, _redis])
        {
            if (child is not null)
            {
                await child.DisposeAsync();
            }
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int[] FreePorts(int count)
    {
        Socket[] sockets = [.. Enumerable.Range(0, count).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp))];
        int[] ports = Array.ConvertAll(sockets, socket =>
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        });
        Array.ForEach(sockets, socket => socket.Dispose());
        return ports;
    }

    private string Address(int node) => node == Count - 1 && island is not null ? island.Address : MainAddress;

    private int Port(int node, int which) => _ports[2 + (4 * node) + which];

    private string Log(string name) => Path.Combine(_folder, $"{name}.log");

    private async Task WaitAsync(string name, Child child, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        for (long started = Environment.TickCount64; ; await Task.Delay(50, cancellationToken))
        {
            try
            {
                await using StreamSocket socket = await SelectorManager.Shared.Tcp().ConnectAsync(endPoint, cancellationToken: cancellationToken);
                return;
            }
            catch (SocketException exception) when (child.HasExited || Environment.TickCount64 - started > s_patience.TotalMilliseconds)
            {
                throw new IOException($"{name} did not start. It said:\n{await File.ReadAllTextAsync(Log(name), cancellationToken)}", exception);
            }
            catch (SocketException)
            {
                // It does not listen yet.
            }
        }
    }
}
