using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.AspNetCore.Tests;

/// <summary>The end of a server, and of its connections.</summary>
[NonParallelizable]
public sealed class StopTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task A_server_that_stops_under_load_fails_no_request([Values] bool http2)
    {
        int begun = 0;
        WebApplication server = await StartAsync(
            app => app.Run(async context =>
            {
                Interlocked.Increment(ref begun);
                await Task.Yield();
                await context.Response.WriteAsync("whole");
            }),
            listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        int answered = 0;
        var warm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        async Task LoadAsync()
        {
            using var client = new HttpClient
            {
                BaseAddress = AddressOf(server),
                DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            while (true)
            {
                try
                {
                    Assert.That(await client.GetStringAsync("/").Soon(), Is.EqualTo("whole"));
                }
                catch (HttpRequestException exception) when (exception.InnerException is
                    SocketException { SocketErrorCode: SocketError.ConnectionRefused } or HttpProtocolException { ErrorCode: 0 })
                {
                    // Refused: the port is closed, or a GOAWAY without an error (RFC 9113, 6.8) has said that nothing was done.
                    return;
                }

                if (Interlocked.Increment(ref answered) == 1000)
                {
                    warm.SetResult();
                }
            }
        }

        Task[] load = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(LoadAsync))];
        await Task.WhenAny(warm.Task, Task.WhenAny(load)).Soon();
        await server.StopAsync().Soon();

        await Task.WhenAll(load).Soon();
        Assert.That(answered, Is.EqualTo(begun));
    }

    [Test]
    public async Task A_request_that_is_being_answered_when_the_server_stops_is_answered()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await StartAsync(app => app.Run(async context =>
        {
            started.SetResult();
            await go.Task.Soon();
            await context.Response.WriteAsync("in the end");
        }));
        using var client = new HttpClient();
        Task<string> answer = client.GetStringAsync(AddressOf(server));
        await started.Task.Soon();

        Task stopping = server.StopAsync();
        go.SetResult();

        Assert.That(await answer.Soon(), Is.EqualTo("in the end"));
        await stopping.Soon();
    }

    [Test]
    public async Task A_connection_that_has_come_before_the_server_stopped_is_not_reset()
    {
        for (int i = 0; i < 10; i++)
        {
            WebApplication server = await StartAsync(app => app.Run(context => context.Response.WriteAsync("taken")));
            Socket[] clients = [.. Enumerable.Range(0, 20).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
            foreach (Socket client in clients)
            {
                client.Connect(EndPointOf(server));
            }

            await server.StopAsync().Soon();

            foreach (Socket client in clients)
            {
                Assert.That(await client.ReceiveAsync(new byte[1000]).Soon(), Is.Zero);
                client.Dispose();
            }
        }
    }

    [Test]
    public async Task A_port_is_free_when_the_server_has_stopped()
    {
        WebApplication first = await StartAsync(app => app.Run(context => context.Response.WriteAsync("first")));
        using var client = new HttpClient();
        await client.GetStringAsync(AddressOf(first)).Soon();
        await first.StopAsync().Soon();

        WebApplication second = await StartAsync(app => app.Run(context => context.Response.WriteAsync("second")), endPoint: EndPointOf(first));
        Assert.That(await client.GetStringAsync(AddressOf(second)).Soon(), Is.EqualTo("second"));
    }

    [Test]
    public async Task No_descriptor_is_left()
    {
        await RunAsync();
        int before = Descriptors.Count();

        await RunAsync();

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);

        async Task RunAsync()
        {
            WebApplication server = await StartAsync(app => app.Run(context =>
            {
                if (context.Request.Path == "/abort")
                {
                    context.Abort();
                }

                return context.Response.WriteAsync("hello");
            }));
            for (int i = 0; i < 100; i++)
            {
                using var client = new HttpClient { BaseAddress = AddressOf(server) };
                await client.GetStringAsync("/").Soon();
                if (i % 10 == 0)
                {
                    Assert.CatchAsync<HttpRequestException>(() => client.GetStringAsync("/abort").Soon());
                }
            }

            await server.DisposeAsync().Soon();
        }
    }
}
