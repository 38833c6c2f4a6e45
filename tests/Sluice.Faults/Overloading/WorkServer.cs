using System.Globalization;
using System.Security.Cryptography;

namespace Sluice.Faults.Overloading;

/// <summary>A server in a process of its own whose handler works for each line, so that its processor is what limits it.</summary>
internal static class WorkServer
{
    /// <summary>Serves until its standard input ends.</summary>
    public static async Task RunAsync(SelectorEngine engine)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket server = await selector.Tcp().BindAsync("0.0.0.0", configure: options => options.Backlog = 4096);
        Task serving = server.ServeAsync(AnswerAsync);
        Console.WriteLine($"ready {server.Port}");
        await Console.In.ReadToEndAsync();
        await server.StopAsync(TimeSpan.Zero);
        await serving;
    }

    // A line says how many hashes are the work.
    private static async Task AnswerAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            Work(int.Parse(line, CultureInfo.InvariantCulture));
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static void Work(int hashes)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        bytes.Clear();
        for (int i = 0; i < hashes; i++)
        {
            SHA256.HashData(bytes, bytes);
        }
    }
}
