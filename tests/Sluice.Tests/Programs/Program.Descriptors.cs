using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    /// <summary>Echo servers that say first at which ports. Nothing is warmed up: what an accept or its failure needs is loaded when it comes to that.</summary>
    private static async Task ServeColdAsync(SelectorEngine engine, int listeners)
    {
        using var log = new CollectingLoggerProvider();
        using ILoggerFactory factory = log.CreateFactory();
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine, LoggerFactory = factory });
        var servers = new List<ServerSocket>();
        var serving = new List<Task>();
        for (int i = 0; i < listeners; i++)
        {
            ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
            servers.Add(server);
            serving.Add(server.ServeAsync(async (connection, cancellationToken) =>
            {
                while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
                {
                    await connection.Output.WriteLineAsync(line, cancellationToken);
                }
            }));
        }

        Console.WriteLine(string.Join(' ', servers.Select(server => server.Port)));
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Console.WriteLine(command == "describe"
                ? selector.Describe(maxSockets: 0).ToJson()
                : log.Count(command).ToString(CultureInfo.InvariantCulture));
        }

        await servers.StopAsync(TimeSpan.Zero);
        await Task.WhenAll(serving);
    }
}
