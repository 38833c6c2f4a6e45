using System.Globalization;
using System.Net;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    /// <summary>Serves what a service manager passed: each server says its name and the line it got. Tells what children would inherit.</summary>
    private static async Task ServeActivatedAsync(SelectorEngine engine)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        ILookup<string, ServerSocket> servers = selector.AdoptActivatedListeners();
        int again = selector.AdoptActivatedListeners().Count;
        int others = SocketActivation.TakeSockets().Count;
        string left = string.Join(',', Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.StartsWith("LISTEN_", StringComparison.Ordinal)));
        string inherited = await RealPeer.RunAsync("ls", "/proc/self/fd");
        var serving = new List<Task>();
        foreach (IGrouping<string, ServerSocket> named in servers)
        {
            foreach (ServerSocket server in named)
            {
                serving.Add(server.ServeAsync(async (connection, token) =>
                {
                    string? line = await connection.Input.ReadLineAsync(token);
                    await connection.Output.WriteLineAsync(
                        $"{named.Key} {line} again={again} others={others} left={left} inherited={string.Join(' ', inherited.Split('\n'))}", token);
                }));
            }
        }

        await Task.WhenAll(serving);
    }

    /// <summary>An echo server that takes over from the one before, if there is one, and hands over to the next. Layered, it has TLS and reads PROXY headers.</summary>
    private static async Task SucceedAsync(SelectorEngine engine, string endPoint, string path, bool layered = false)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        ListenerTlsOptions? tls = layered ? new ListenerTlsOptions(TestCertificates.Server) : null;
        ServerSocket? taken = await selector.TryTakeOverAsync(path);
        ServerSocket server = taken
            ?? (endPoint.StartsWith('/') ? await selector.Unix().BindAsync(endPoint) : await selector.Tcp().BindAsync(IPEndPoint.Parse(endPoint)));
        if (tls is not null)
        {
            server.UseTls(tls).UseProxyProtocol(new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } });
        }

        Task serving = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync($"{Environment.ProcessId} {line}", token);
            }
        });
        Task handingOver = server.HandOverAsync(path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(taken is null ? "bound" : "taken")} {server.LocalEndPoint}"));
        await handingOver;
        await serving;
        Console.WriteLine("done");
        await Console.In.ReadLineAsync();
    }
}
