using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.AspNetCore.Tests;

/// <summary>HTTP as Kestrel has it, on Sluice.</summary>
public sealed class HttpTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task Requests_on_a_connection_that_is_kept_are_answered()
    {
        WebApplication server = await StartAsync(app => app.Run(context => context.Response.WriteAsync($"hello {context.Request.Path}")));
        using var client = new HttpClient { BaseAddress = AddressOf(server) };

        for (int i = 0; i < 20; i++)
        {
            Assert.That(await client.GetStringAsync($"/{i}").Soon(), Is.EqualTo($"hello /{i}"));
        }
    }

    [Test]
    public async Task A_large_body_comes_back_as_it_was_sent([Values] bool http2)
    {
        WebApplication server = await StartAsync(Echo, Http2If(http2));
        using HttpClient client = ClientFor(server, http2);
        byte[] body = new byte[5_000_000];
        Random.Shared.NextBytes(body);

        using var content = new ByteArrayContent(body);
        using HttpResponseMessage response = await client.PostAsync("/", content).Soon();

        Assert.That(await response.Content.ReadAsByteArrayAsync().Soon(), Is.EqualTo(body));
        Assert.That(response.Version, Is.EqualTo(http2 ? HttpVersion.Version20 : HttpVersion.Version11));
    }

    [Test]
    public async Task Many_streams_of_one_HTTP_2_connection_run_side_by_side()
    {
        const int count = 50;
        int waiting = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await StartAsync(
            app => app.Run(async context =>
            {
                if (Interlocked.Increment(ref waiting) == count)
                {
                    all.SetResult();
                }

                await all.Task.Soon();
                await context.Response.WriteAsync(context.Request.Path);
            }),
            Http2If(true));
        using HttpClient client = ClientFor(server, http2: true);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.GetStringAsync($"/{i}"))).Soon();

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, count).Select(i => $"/{i}")));
    }

    [Test]
    public async Task Kestrels_own_TLS_runs_on_it([Values] bool http2)
    {
        WebApplication server = await StartAsync(Echo, listen => listen.UseHttps(ServerCertificate));
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Policy(Authority),
            },
        };
        using var client = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://localhost:{AddressOf(server).Port}"),
            DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        byte[] body = new byte[300_000];
        Random.Shared.NextBytes(body);

        using var content = new ByteArrayContent(body);
        using HttpResponseMessage response = await client.PostAsync("/", content).Soon();

        Assert.That(await response.Content.ReadAsByteArrayAsync().Soon(), Is.EqualTo(body));
    }

    [Test]
    public async Task What_a_handler_flushes_arrives_before_it_ends()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await StartAsync(app => app.Run(async context =>
        {
            await context.Response.WriteAsync("first\n");
            await context.Response.Body.FlushAsync();
            await seen.Task.Soon();
            await context.Response.WriteAsync("second\n");
        }));
        using HttpClient client = ClientFor(server, http2: false);

        using var reader = new StreamReader(await client.GetStreamAsync("/").Soon());
        Assert.That(await reader.ReadLineAsync().Soon(), Is.EqualTo("first"));
        seen.SetResult();
        Assert.That(await reader.ReadToEndAsync().Soon(), Is.EqualTo("second\n"));
    }

    [Test]
    public async Task Web_sockets_go_both_ways()
    {
        WebApplication server = await StartAsync(app =>
        {
            app.UseWebSockets();
            app.Run(async context =>
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                byte[] buffer = new byte[100_000];
                while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } message)
                {
                    await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, default);
                }

                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
            });
        });
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{AddressOf(server).Port}/"), default).Soon();
        byte[] received = new byte[100_000];

        for (int size = 1; size < received.Length; size *= 10)
        {
            byte[] sent = new byte[size];
            Random.Shared.NextBytes(sent);
            await client.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, default).Soon();
            int count = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await client.ReceiveAsync(received.AsMemory(count), default).Soon();
                count += part.Count;
            }
            while (!part.EndOfMessage);
            Assert.That(received[..count], Is.EqualTo(sent));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).Soon();
        Assert.That(client.State, Is.EqualTo(WebSocketState.Closed));
    }

    [Test]
    public async Task A_Unix_end_point_answers()
    {
        string path = Path.Combine(Path.GetTempPath(), $"sluice-{Guid.NewGuid():N}");
        _ = await StartAsync(app => app.Run(context => context.Response.WriteAsync("over a file")), endPoint: new UnixDomainSocketEndPoint(path));
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);

        Assert.That(await client.GetStringAsync("http://localhost/").Soon(), Is.EqualTo("over a file"));
    }

    [Test]
    public async Task An_inherited_listener_answers()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Unix only: a handle is a descriptor there.");
        }

        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        ulong handle = (ulong)listener.SafeHandle.DangerousGetHandle();
        listener.SafeHandle.SetHandleAsInvalid();
        await StartAsync(app => app.Run(context => context.Response.WriteAsync("inherited")), endPoint: new FileHandleEndPoint(handle, FileHandleType.Tcp));
        using var client = new HttpClient();

        Assert.That(await client.GetStringAsync($"http://127.0.0.1:{port}/").Soon(), Is.EqualTo("inherited"));
    }

    [Test]
    public async Task A_request_whose_client_only_half_closes_is_answered()
    {
        WebApplication server = await StartAsync(app => app.Run(context => context.Response.WriteAsync("all the same")));
        for (int i = 0; i < 20; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(EndPointOf(server)).Soon();
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray()).Soon();
            client.Shutdown(SocketShutdown.Send);

            Assert.That(await ReadAllAsync(client), Does.EndWith("all the same\r\n0\r\n\r\n").Or.EndWith("all the same"), $"round {i}");
        }
    }

    [Test]
    public async Task A_handler_learns_that_its_client_has_gone([Values] bool reset, [Values] bool bodyUnread)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await StartAsync(app => app.Run(async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            started.SetResult();
            await aborted.Task;
        }));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(EndPointOf(server)).Soon();
        string request = bodyUnread ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nbegun" : "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        await client.SendAsync(Encoding.ASCII.GetBytes(request)).Soon();
        await started.Task.Soon();

        client.LingerState = new LingerOption(reset, 0);
        client.Close();

        await aborted.Task.Soon();
    }

    [Test]
    public async Task A_handler_that_blocks_does_not_stall_another([Values] bool http2)
    {
        using var release = new ManualResetEventSlim();
        WebApplication server = await StartAsync(
            app => app.Run(context =>
            {
                if (context.Request.Path == "/block")
                {
                    Assert.That(release.Wait(Patience), Is.True);
                }
                else
                {
                    release.Set();
                }

                return context.Response.WriteAsync("done");
            }),
            Http2If(http2));

        // More of them than there are loops: some of the loops have both kinds.
        int count = (2 * Environment.ProcessorCount) + 1;
        HttpClient[] clients = [.. Enumerable.Range(0, count).Select(_ => ClientFor(server, http2))];
        await Task.WhenAll(clients.Select(client => client.GetStringAsync("/block/not"))).Soon();
        release.Reset();
        Task<string>[] blocked = [.. clients[1..].Select(client => client.GetStringAsync("/block"))];
        Assert.That(await clients[0].GetStringAsync("/release").Soon(), Is.EqualTo("done"));

        Assert.That(await Task.WhenAll(blocked).Soon(), Is.All.EqualTo("done"));
        Array.ForEach(clients, client => client.Dispose());
    }

    [Test]
    public async Task A_request_that_waits_synchronously_for_another_of_the_same_server_gets_its_answer()
    {
        WebApplication server = await StartAsync(app => app.Run(context =>
        {
            if (context.Request.Path == "/inner")
            {
                return context.Response.WriteAsync("inner");
            }

            using HttpClient inner = ClientFor(AddressOf(app), http2: false);
            return context.Response.WriteAsync(inner.GetStringAsync("/inner").GetAwaiter().GetResult());
        }));
        using HttpClient client = ClientFor(server, http2: false);

        Assert.That(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetStringAsync("/"))).Soon(), Is.All.EqualTo("inner"));
    }

    private static async Task<string> ReadAllAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[1000];
        while (await socket.ReceiveAsync(buffer).Soon() is > 0 and int count)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    // All of it first: a client may read the answer only once it has sent everything.
    private static void Echo(WebApplication app) => app.Run(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        body.Position = 0;
        context.Response.ContentLength = body.Length;
        await body.CopyToAsync(context.Response.Body);
    });

    private static Action<ListenOptions> Http2If(bool http2) => listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;

    private static HttpClient ClientFor(WebApplication server, bool http2) => ClientFor(AddressOf(server), http2);

    private static HttpClient ClientFor(Uri server, bool http2) => new()
    {
        BaseAddress = server,
        DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
