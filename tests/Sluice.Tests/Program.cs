using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sluice.Tests;

/// <summary>This assembly as a program: what a test needs a process of its own for. Answers a line on its output for each on its input.</summary>
internal static partial class Program
{
    private const int RlimitNoFile = 7;

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["engine"]:
                Console.WriteLine(EngineOfProcess());
                return 0;
            case ["serve", var engine]:
                await ServeAsync(Enum.Parse<SelectorEngine>(engine));
                return 0;
            default:
                return 1;
        }
    }

    private static string EngineOfProcess()
    {
        try
        {
            using var selector = new SelectorManager();
            return selector.Engine.ToString();
        }
        catch (ArgumentException exception)
        {
            return $"{nameof(ArgumentException)}: {exception.Message}";
        }
    }

    /// <summary>An echo server that says first at which port.</summary>
    private static async Task ServeAsync(SelectorEngine engine)
    {
        using var log = new CollectingLoggerProvider();
        using ILoggerFactory factory = log.CreateFactory();
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine, LoggerFactory = factory });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        int served = 0;
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            Interlocked.Increment(ref served);
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);
            }
        });
        Console.WriteLine(server.Port);
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Console.WriteLine(command.Split(' ') switch
            {
                ["served"] => Volatile.Read(ref served).ToString(CultureInfo.InvariantCulture),
                ["cpu"] => Descriptors.CpuTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
                ["failures"] => log.Count("AcceptFailed").ToString(CultureInfo.InvariantCulture),
                ["spare", var count] => LeaveDescriptors(int.Parse(count, CultureInfo.InvariantCulture)),
                _ => throw new ArgumentException($"What is '{command}'?"),
            });
        }

        await server.StopAsync(TimeSpan.Zero);
        await serving;
    }

    // Lowers the limit so that only so many descriptors more can be had.
    private static string LeaveDescriptors(int count)
    {
        int highest = Directory.GetFiles("/proc/self/fd").Max(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
        var limit = new Limit { Soft = (nuint)(highest + 1 + count) };
        _ = GetLimit(RlimitNoFile, out Limit before);
        limit.Hard = before.Hard;
        return SetLimit(RlimitNoFile, limit) == 0 ? "ok" : "not possible";
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
