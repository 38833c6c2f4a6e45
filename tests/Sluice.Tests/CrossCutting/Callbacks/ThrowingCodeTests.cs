using System.Collections.Concurrent;
using System.Net;
using Sluice.Tests.Diagnostics;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>Code of the user's throws in any one of its calls, or from one on: calls of ours may fail, and everything still ends and closes.</summary>
public sealed class ThrowingCodeTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task Everything_ends_and_closes([Values] bool tls, [Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, code => RunAsync(code, tls)), Is.GreaterThan(30));

    private async Task RunAsync(ThrowingCode code, bool tls)
    {
        using var pool = new TrackingPool { OnRent = () => code.Enter("MemoryPool.Rent"), OnReturn = () => code.Enter("IMemoryOwner.Dispose") };
        using var log = new UserLogger(name => code.Enter($"ILogger, {name}"));
        using var meters = new HookedMeter(() => code.Enter("MeterListener"));
        SelectorManager selector = CreateManager(new SelectorOptions
        {
            LoopCount = 1,
            BufferPool = pool,
            TimeProvider = new ThrowingTime(code.Enter),
            LoggerFactory = log,
            MeterFactory = meters,
            NameResolver = new ScriptedResolver((_, _, _) =>
            {
                code.Enter("INameResolver");
                return new([IPAddress.Loopback]);
            }),
        });
        var tasks = new ConcurrentBag<Task>();
        await TryAsync(() => ServeAsync(selector, code, tls, tasks));
        await TryAsync(() => selector.DisposeAsync().AsTask());
        foreach (Task completion in tasks)
        {
            await TryAsync(() => completion);
        }

        await pool.CheckAllReturnedAsync();
    }

    private static async Task ServeAsync(SelectorManager selector, ThrowingCode code, bool tls, ConcurrentBag<Task> tasks)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, options => options.Accepted.SocketTimeout = TimeSpan.FromMinutes(1)).Soon();
        if (tls)
        {
            server.UseTls(ServerCertificate);
        }

        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                tasks.Add(connection.Socket.Completion);
                code.Enter("a handler");
                while (await connection.Input.ReadLineAsync(token) is { } line)
                {
                    await connection.Output.WriteLineAsync(line, token);
                }
            },
            new ServeOptions
            {
                Admit = (_, _) =>
                {
                    code.Enter("Admit");
                    return new(true);
                },
                OnError = (_, _) => code.Enter("OnError"),
                OnAborted = _ => code.Enter("OnAborted"),
            });
        await TryAsync(() => TalkAsync(selector, server.Port, tls, tasks));
        await TryAsync(() => ExchangeAsync(selector, tasks));
        if (code.IsDone && !serving.IsCompleted)
        {
            await TalkAsync(selector, server.Port, tls, tasks).Soon();
        }

        await TryAsync(() => server.StopAsync(TimeSpan.FromSeconds(5)));
        await TryAsync(() => serving);
    }

    private static async Task TalkAsync(SelectorManager selector, int port, bool tls, ConcurrentBag<Task> tasks)
    {
        await using StreamSocket client = await selector.Tcp().ConnectAsync("localhost", port, options => options.SocketTimeout = TimeSpan.FromMinutes(1));
        tasks.Add(client.Completion);
        Connection connection = client.OpenConnection();
        if (tls)
        {
            connection = await connection.UpgradeToTlsClientAsync(Trusting());
        }

        await connection.Output.WriteLineAsync("hello");
        await connection.Output.FlushAsync();
        await connection.Input.ReadLineAsync();
        connection.Outbox.PostLine("posted");
        await connection.Input.ReadLineAsync();
        await using Stream stream = connection.AsStream();
        await stream.WriteAsync(new byte[10_000]);
        await connection.Output.CompleteAsync();
    }

    private static async Task ExchangeAsync(SelectorManager selector, ConcurrentBag<Task> tasks)
    {
        await using DatagramSocket near = await selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket far = await selector.Udp().ConnectAsync("localhost", near.Port);
        Task<Datagram> receiving = near.ReceiveAsync().AsTask();
        tasks.Add(receiving);
        await far.SendAsync("hello"u8.ToArray());
        using Datagram datagram = await receiving;
    }

    // How it ends is up to the code that throws; that it ends is not.
    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act().Soon();
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
        }
    }
}
