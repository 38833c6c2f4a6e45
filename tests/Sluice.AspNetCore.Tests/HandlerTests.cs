using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sluice.AspNetCore.Tests;

/// <summary>Sluice's handlers at Kestrel's end points.</summary>
public sealed class HandlerTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task A_handler_serves_an_end_point([Values] bool onSluice)
    {
        WebApplication server = await ServeAsync(EchoLinesAsync, onSluice: onSluice);

        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await TalkAsync(client.OpenConnection());
    }

    [Test]
    public async Task A_handler_has_its_socket_on_Sluice()
    {
        var seen = new TaskCompletionSource<System.Net.EndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync((connection, _) =>
        {
            seen.SetResult(connection.Socket.RemoteEndPoint);
            return Task.CompletedTask;
        });

        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();

        Assert.That(await seen.Task.Soon(), Is.EqualTo(client.LocalEndPoint));
        Assert.That(await client.OpenReadChannel().ReadLineAsync().Soon(), Is.Null);
    }

    [Test]
    public async Task A_handler_runs_under_Kestrels_TLS()
    {
        WebApplication server = await ServeAsync(EchoLinesAsync, listen => listen.UseHttps(ServerCertificate));

        SslClientAuthenticationOptions options = new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await TalkAsync(await client.OpenConnection().UpgradeToTlsClientAsync(options).Soon());
    }

    [Test]
    public async Task A_handler_begins_TLS_itself()
    {
        if (Engine == SelectorEngine.Portable)
        {
            Assert.Ignore("There the transport reads ahead.");
        }

        WebApplication server = await ServeAsync(async (connection, token) =>
        {
            await connection.Input.ReadLineAsync(token);
            await connection.Output.WriteLineAsync("go ahead", token);
            await EchoLinesAsync(await connection.UpgradeToTlsServerAsync(Serving(), null, token), token);
        });

        SslClientAuthenticationOptions options = new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        Connection plain = client.OpenConnection();
        await plain.Output.WriteLineAsync("STARTTLS").Soon();
        Assert.That(await plain.Input.ReadLineAsync().Soon(), Is.EqualTo("go ahead"));
        await TalkAsync(await plain.UpgradeToTlsClientAsync(options).Soon());
    }

    [Test]
    public async Task A_connection_whose_peer_does_not_read_is_cut_in_bounded_time_after_its_handler()
    {
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(
            async (connection, _) =>
            {
                byte[] block = new byte[16 * 1024];
                using var enough = new CancellationTokenSource();
                while (!enough.IsCancellationRequested)
                {
                    enough.CancelAfter(TimeSpan.FromMilliseconds(500));
                    try
                    {
                        await connection.Output.WriteAsync(block, enough.Token);
                    }
                    catch (OperationCanceledException)
                    {
                        stalled.SetResult();
                    }
                }
            },
            onSluice: false);

        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await stalled.Task.Soon();
        ByteReadChannel input = client.OpenReadChannel();

        // Waits out the time that a close has: what is not sent by then is cut off.
        await Task.Delay(StreamSocketOptions.DefaultCloseTimeout + TimeSpan.FromSeconds(1));
        Assert.That(await Waiting.FailureAsync(async () => await input.CopyToAsync(Stream.Null)), Is.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_server_that_stops_tells_its_handlers_and_what_they_write_last_arrives([Values] bool onSluice)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(
            async (connection, token) =>
            {
                started.SetResult();
                try
                {
                    await connection.Input.ReadLineAsync(connection.Stopping);
                }
                finally
                {
                    await connection.Output.WriteLineAsync("bye", CancellationToken.None);
                }
            },
            onSluice: onSluice);
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await started.Task.Soon();

        Task stopping = server.StopAsync();

        ByteReadChannel input = client.OpenReadChannel();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("bye"));
        Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
        await stopping.Soon();
    }

    [Test]
    public async Task An_idle_client_does_not_hold_a_server_up_and_a_line_in_work_is_answered([Values] bool onSluice)
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(
            async (connection, token) =>
            {
                while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
                {
                    working.SetResult();
                    await answer.Task;
                    await connection.Output.WriteLineAsync(line, token);
                }
            },
            onSluice: onSluice);
        await using StreamSocket idle = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await using StreamSocket busy = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        Connection connection = busy.OpenConnection();
        await connection.Output.WriteLineAsync("slow").Soon();
        await working.Task.Soon();

        Task stopping = server.StopAsync();
        Assert.That(await idle.OpenReadChannel().ReadLineAsync().Soon(), Is.Null);
        answer.SetResult();

        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("slow"));
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.Null);
        await stopping.Soon();
    }

    [Test]
    public async Task A_client_that_has_said_all_still_gets_its_answer([Values] bool onSluice)
    {
        WebApplication server = await StartAsync(
            _ => { },
            listen => listen.UseSluiceHandler(async (connection, token) =>
            {
                var lines = new List<string>();
                while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
                {
                    lines.Add(line);
                }

                // Waits out an abort, had the client's end of the stream been taken for one.
                await Task.Delay(100, token);
                await connection.Output.WriteLineAsync(string.Concat(lines), token);
            }),
            options => options.HalfCloseGrace = TimeSpan.Zero,
            onSluice: onSluice);
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        Connection connection = client.OpenConnection();
        await connection.Output.WriteStringAsync("a\nb\n").Soon();
        await connection.Output.CompleteAsync().Soon();

        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("ab"));
    }

    // Kestrel would log what the handler throws, and an error in its log fails the fixture.
    [Test]
    public async Task A_log_that_throws_is_no_error_of_a_connection()
    {
        WebApplication server = await StartAsync(
            _ => { },
            listen => listen.UseSluiceHandler((connection, token) => connection.Input.ReadExactlyAsync(new byte[100], token).AsTask()),
            services: services => services.AddLogging(logging => logging
                .AddProvider(new ThrowingLoggerProvider())
                .AddFilter<ThrowingLoggerProvider>(null, LogLevel.None)
                .AddFilter<ThrowingLoggerProvider>("Sluice.AspNetCore", LogLevel.Debug)));
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        Connection connection = client.OpenConnection();
        await connection.Output.CompleteAsync().Soon();

        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.Null);
        await server.StopAsync().Soon();
    }

    // An error in the log fails the fixture.
    [Test]
    public async Task What_a_client_does_is_no_error([Values] bool onSluice)
    {
        int ended = 0;
        WebApplication server = await ServeAsync(
            async (connection, token) =>
            {
                try
                {
                    await connection.Input.ReadLineAsync(new LineReadOptions { MaxLength = 10 }, token);
                    await connection.Input.ReadExactlyAsync(new byte[100], token);
                }
                finally
                {
                    Interlocked.Increment(ref ended);
                }
            },
            onSluice: onSluice);
        foreach ((string said, bool resets) in ((string, bool)[])[("much too long for this one\n", false), ("cut\n off", false), ("", true)])
        {
            StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
            Connection connection = client.OpenConnection();
            await connection.Output.WriteStringAsync(said).Soon();
            await connection.Output.FlushAsync().Soon();
            if (resets)
            {
                connection.Abort();
            }
            else
            {
                await connection.CloseAsync().Soon();
            }
        }

        await Waiting.UntilAsync(() => Volatile.Read(ref ended) == 3);
        await server.StopAsync().Soon();
    }

    [Test]
    public async Task The_token_of_a_handler_is_cancelled_when_its_connection_is_aborted([Values] bool onSluice)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(
            async (connection, token) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default);
                aborted.SetResult();
            },
            onSluice: onSluice);
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await started.Task.Soon();

        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await server.StopAsync(hurry.Token).Soon();

        await aborted.Task.Soon();
    }

    private Task<WebApplication> ServeAsync(
        Func<Connection, CancellationToken, Task> handler, Action<ListenOptions>? before = null, bool onSluice = true) => StartAsync(
        _ => { },
        listen =>
        {
            before?.Invoke(listen);
            listen.UseSluiceHandler(handler);
        },
        onSluice: onSluice);

    private static async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task TalkAsync(Connection connection)
    {
        for (int i = 0; i < 100; i++)
        {
            await connection.Output.WriteLineAsync($"line {i}").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo($"line {i}"));
        }

        await connection.CloseAsync().Soon();
    }
}
