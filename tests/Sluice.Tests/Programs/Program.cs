using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Sluice.Options;
using Sluice.Serving;

namespace Sluice.Tests.Programs;

/// <summary>
/// This assembly as a program: what a test needs a process of its own for. Answers a line on its output for each on its input.
/// </summary>
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
            case ["serve-cold", var engine, var listeners]:
                await ServeColdAsync(Enum.Parse<SelectorEngine>(engine), int.Parse(listeners, CultureInfo.InvariantCulture));
                return 0;
            case ["activated", var engine]:
                await ServeActivatedAsync(Enum.Parse<SelectorEngine>(engine));
                return 0;
            case ["succeed", var engine, var endPoint, var path]:
                await SucceedAsync(Enum.Parse<SelectorEngine>(engine), endPoint, path);
                return 0;
            case ["succeed-layered", var engine, var endPoint, var path]:
                await SucceedAsync(Enum.Parse<SelectorEngine>(engine), endPoint, path, layered: true);
                return 0;
            case ["udp", var engine]:
                await RunDatagramsAsync(Enum.Parse<SelectorEngine>(engine));
                return 0;
            case ["connect-to-itself", var engine]:
                await ConnectToItselfAsync(Enum.Parse<SelectorEngine>(engine));
                return 0;
            case ["listen", var engine, var address]:
                await ListenAsync(Enum.Parse<SelectorEngine>(engine), address);
                return 0;
            case ["connect-by-name", var engine, var port, .. var addresses]:
                await ConnectByNameAsync(Enum.Parse<SelectorEngine>(engine), port, addresses);
                return 0;
            case ["fast-open", var engine]:
                await FastOpenAsync(Enum.Parse<SelectorEngine>(engine));
                return 0;
            case ["connect-to-silent-names", var engine, var count]:
                await ConnectToSilentNamesAsync(Enum.Parse<SelectorEngine>(engine), int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            case ["without-ipv6", var engine]:
                await RunWithoutIPv6Async(Enum.Parse<SelectorEngine>(engine));
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
        await WarmUpAsync(selector, server);
        Console.WriteLine(server.Port);
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Console.WriteLine(command.Split(' ') switch
            {
                ["served"] => Volatile.Read(ref served).ToString(CultureInfo.InvariantCulture),
                ["cpu"] => Environment.CpuUsage.TotalTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
                ["failures"] => log.Count("AcceptFailed").ToString(CultureInfo.InvariantCulture),
                ["managers", var count] => StartManagers(int.Parse(count, CultureInfo.InvariantCulture)),
                ["spare", var count] => LeaveDescriptors(int.Parse(count, CultureInfo.InvariantCulture)),
                _ => throw new ArgumentException($"What is '{command}'?"),
            });
        }

        await server.StopAsync(TimeSpan.Zero);
        await serving;
    }

    // What an accept that fails goes through, once: the runtime needs descriptors of its own
    // to load code and to start threads, and dies without.
    private static async Task WarmUpAsync(SelectorManager selector, ServerSocket server)
    {
        const int threads = 16;
        ThreadPool.SetMinThreads(threads, threads);
        using (var barrier = new Barrier(threads))
        {
            await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(barrier.SignalAndWait)));
        }

        try
        {
            await Task.Yield();
            throw SocketErrors.At(SocketError.TooManyOpenSockets, "Accepting at", server.LocalEndPoint);
        }
        catch (SocketException exception) when (SocketErrors.IsTransientAcceptError(exception.SocketErrorCode))
        {
            await new AcceptBackoff(selector.Sockets, server.LocalEndPoint).PauseAsync(exception, CancellationToken.None);
        }
    }

    // How many threads they have left behind, of which none could be made.
    private static string StartManagers(int count)
    {
        int before = Threads();
        int failed = 0;
        for (int i = 0; i < count; i++)
        {
            try
            {
                using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 64 });
            }
            catch (SocketException)
            {
                failed++;
            }
        }

        SpinWait.SpinUntil(() => Threads() <= before, Waiting.Patience);
        return $"{failed} failed, {Threads() - before} left";

        static int Threads() => Descriptors.Threads("Sluice monitor") + Descriptors.Threads("Sluice loop");
    }

    // Lowers the limit so that only so many descriptors more can be had. Numbers below the highest that are free are taken first.
    private static string LeaveDescriptors(int count)
    {
        int highest = Directory.GetFiles("/proc/self/fd").Max(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
        bool set = GetLimit(RlimitNoFile, out Limit limit) == 0;
        limit.Soft = (nuint)(highest + 1);
        set &= SetLimit(RlimitNoFile, limit) == 0;
        while (Duplicate(0) >= 0)
        {
        }

        limit.Soft += (nuint)count;
        return set && SetLimit(RlimitNoFile, limit) == 0 ? "ok" : "not possible";
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
