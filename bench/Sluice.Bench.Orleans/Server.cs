using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Hosting.Connections;

namespace Sluice.Bench.Orleans;

/// <summary>A cluster that makes the calls that its standard input asks for: a row and the calls of each caller on a line.</summary>
internal static class Server
{
    public const string Own = "orleans";

    public const string Ready = "ready";

    private const string Memory = "memory";

    public static async Task RunAsync(string name, string address)
    {
        await using Cluster cluster = await Cluster.StartAsync(
            IPAddress.Parse(address),
            silo => Configure(name, silo.Services, configure => silo.UseSluice(configure)),
            client => Configure(name, client.Services, configure => client.UseSluice(configure)));
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            Row row = Row.All.Single(row => row.Name == words[0]);
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long begun = Stopwatch.GetTimestamp();
            await row.CallAsync(cluster, int.Parse(words[1], CultureInfo.InvariantCulture));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Stopwatch.GetElapsedTime(begun).TotalSeconds} {(Environment.CpuUsage.TotalTime - processor).TotalSeconds}"));
        }
    }

    private static void Configure(string name, IServiceCollection services, Action<Action<SluiceTransportOptions>> useSluice)
    {
        switch (name)
        {
            case Own:
                break;
            case Memory:
                MemoryTransport.Replace(services);
                break;
            default:
                SelectorEngine engine = Enum.Parse<SelectorEngine>(name, ignoreCase: true);
                useSluice(options => options.ConfigureSelector = selector => selector.Engine = engine);
                break;
        }
    }
}
