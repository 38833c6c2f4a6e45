using System.Net;
using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    /// <summary>
    /// TCP Fast Open, in a namespace of its own, where it may be switched on. The first connection gets the cookie; the connects of those
    /// after it are put off until the first write. Says for each way to use them what came of it, three times.
    /// </summary>
    private static async Task FastOpenAsync(SelectorEngine engine)
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/tcp_fastopen", "3");
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, options => options.FastOpenQueue = 16);
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            await connection.Output.WriteLineAsync("220 hello", token);
            await connection.Output.WriteStringAsync(await connection.Input.ReadLineAsync(token) ?? "nothing", token);
        });
        string path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "file\n");
        foreach ((string name, Func<StreamSocket, Task<string?>> use) in FastOpenWays(path))
        {
            for (int i = 0; i < 3; i++)
            {
                string? result;
                try
                {
                    await using StreamSocket client = await selector.Tcp().ConnectAsync("127.0.0.1", server.Port, options => options.FastOpen = true);
                    result = await use(client).WaitAsync(TimeSpan.FromSeconds(10));
                }
                catch (Exception exception)
                {
                    result = $"{exception.GetType().Name}: {exception.Message}";
                }

                Console.WriteLine($"{name}: {result}");
            }
        }

        File.Delete(path);
        await server.StopAsync(TimeSpan.FromSeconds(1));
        await serving;
        await FastOpenElsewhereAsync(selector);
        string counters = (await File.ReadAllLinesAsync("/proc/net/netstat")).Last(line => line.StartsWith("TcpExt:", StringComparison.Ordinal));
        string names = (await File.ReadAllLinesAsync("/proc/net/netstat")).First(line => line.StartsWith("TcpExt:", StringComparison.Ordinal));
        int index = Array.IndexOf(names.Split(' '), "TCPFastOpenActive");
        Console.WriteLine($"with data in the first packet: {(counters.Split(' ')[index] == "0" ? "none" : "some")}");
    }

    private static IEnumerable<(string Name, Func<StreamSocket, Task<string?>> Use)> FastOpenWays(string path)
    {
        yield return ("read", async client => await client.OpenReadChannel().ReadLineAsync());
        yield return ("read where others come first", async client => await await new ReadWithoutBudget(client).StartAsync());
        yield return ("write, read", async client =>
        {
            Connection connection = client.OpenConnection();
            await connection.Output.WriteLineAsync("me");
            await connection.Output.FlushAsync();
            return $"{await connection.Input.ReadLineAsync()} {await connection.Input.ReadLineAsync()}";
        }
        );
        yield return ("read while writing", async client =>
        {
            Connection connection = client.OpenConnection();
            Task<string?> reading = connection.Input.ReadLineAsync().AsTask();
            await connection.Output.WriteLineAsync("me");
            await connection.Output.FlushAsync();
            return $"{await reading} {await connection.Input.ReadLineAsync()}";
        }
        );
        yield return ("write, complete at once", async client =>
        {
            Connection connection = client.OpenConnection();
            await connection.Output.WriteLineAsync("me");
            await connection.Output.CompleteAsync();
            return (await connection.Input.ReadToEndAsync(100)).Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        );
        yield return ("complete without a write", async client =>
        {
            Connection connection = client.OpenConnection();
            await connection.Output.CompleteAsync();
            return (await connection.Input.ReadToEndAsync(100)).Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        );
        yield return ("much", async client =>
        {
            Connection connection = client.OpenConnection();
            await connection.Output.WriteLineAsync(new string('x', 60_000));
            await connection.Output.FlushAsync();
            await connection.Input.ReadLineAsync();
            return (await connection.Input.ReadLineAsync())?.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        );
        yield return ("a file", async client =>
        {
            Connection connection = client.OpenConnection();
            await connection.Output.SendFileAsync(path);
            return $"{await connection.Input.ReadLineAsync()} {await connection.Input.ReadLineAsync()}";
        }
        );
        yield return ("a pipe", async client => (await client.OpenReadChannel().AsPipeReader().ReadAtLeastAsync(9)).Buffer.Length.ToString(
            System.Globalization.CultureInfo.InvariantCulture));
        yield return ("end points", client => Task.FromResult<string?>(client.RemoteEndPoint is IPEndPoint && client.LocalEndPoint is IPEndPoint ? "both" : "not"));
    }

    // What the peer sees of one that is closed; and one that is not there.
    private static async Task FastOpenElsewhereAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, options => options.FastOpenQueue = 16);
        for (int i = 0; i < 3; i++)
        {
            StreamSocket client = await selector.Tcp().ConnectAsync("127.0.0.1", server.Port, options => options.FastOpen = true);
            Task closing = client.CloseAsync().AsTask();
            await using StreamSocket accepted = await server.AcceptAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            int ended = await accepted.OpenReadChannel().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            await closing;
            Console.WriteLine($"closed without a write: {ended}");

            client = await selector.Tcp().ConnectAsync("127.0.0.1", server.Port, options => options.FastOpen = true);
            ByteWriteChannel output = client.OpenWriteChannel();
            await output.WriteLineAsync("last words");
            closing = client.CloseAsync().AsTask();
            await using StreamSocket next = await server.AcceptAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            byte[] all = await next.OpenReadChannel().ReadToEndAsync(100).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            await closing;
            Console.WriteLine($"closed after a write: {all.Length}");
        }

        int port = server.Port;
        await server.DisposeAsync();
        try
        {
            await using StreamSocket client = await selector.Tcp().ConnectAsync("127.0.0.1", port, options => options.FastOpen = true);
            await client.OpenReadChannel().ReadLineAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            Console.WriteLine("no listener: connected");
        }
        catch (Exception exception)
        {
            Exception inner = exception.InnerException ?? exception;
            Console.WriteLine($"no listener: {(exception as SocketException ?? inner as SocketException)?.SocketErrorCode.ToString() ?? exception.ToString()}");
        }
    }

    /// <summary>Begins to read in a turn of the loop whose continuation has used up its budget.</summary>
    private sealed class ReadWithoutBudget(StreamSocket client) : IRunnable
    {
        private readonly TaskCompletionSource<Task<string?>> _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Task<string?>> StartAsync()
        {
            client.Scheduler.Schedule(this);
            return _reading.Task;
        }

        public void Run()
        {
            for (int i = 0; i < LoopTurn.Budget; i++)
            {
                LoopTurn.ConsumeBudget();
            }

            _reading.SetResult(client.OpenReadChannel().ReadLineAsync().AsTask());
        }

        void IThreadPoolWorkItem.Execute() => client.Scheduler.RunOnPoolThread(this);
    }
}
