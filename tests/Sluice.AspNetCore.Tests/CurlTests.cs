using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.AspNetCore.Tests;

/// <summary>What curl makes of it.</summary>
public sealed class CurlTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task It_waits_for_100_continue_before_it_sends_the_body()
    {
        WebApplication server = await StartAsync(CountBody);

        string said = await CurlAsync(server, "-v", "--stderr", "-", "--expect100-timeout", "60", "-H", "Expect: 100-continue", "--data-binary", new string('x', 5000));

        Assert.That(said, Does.Contain("HTTP/1.1 100 Continue").And.Contain("5000 bytes"));
    }

    [Test]
    public async Task It_is_refused_before_it_sends_the_body()
    {
        WebApplication server = await StartAsync(app => app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return Task.CompletedTask;
        }));

        string said = await CurlAsync(server, "-i", "--expect100-timeout", "60", "-H", "Expect: 100-continue", "--data-binary", new string('x', 5000));

        Assert.That(said, Does.Contain("413").And.Not.Contain("100 Continue"));
    }

    [Test]
    public async Task It_sends_and_gets_chunks([Values] bool http2)
    {
        WebApplication server = await StartAsync(CountBody, listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);

        string said = await CurlAsync(
            server, http2 ? "--http2-prior-knowledge" : "--http1.1", "-i", "-H", "Transfer-Encoding: chunked", "--data-binary", new string('x', 100_000));

        Assert.That(said, Does.Contain("100000 bytes"));
        if (!http2)
        {
            Assert.That(said, Does.Contain("Transfer-Encoding: chunked"));
        }
    }

    [Test]
    public async Task It_upgrades()
    {
        WebApplication server = await StartAsync(app =>
        {
            app.UseWebSockets();
            app.Run(async context =>
            {
                using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync("after the upgrade"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, endOfMessage: true, default);
                await socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, default);
            });
        });

        string said = await CurlAsync(
            server, "-i", "--output", "-", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13",
            "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

        Assert.That(said, Does.Contain("101 Switching Protocols").And.Contain("after the upgrade"));
    }

    [Test]
    public async Task It_asks_twice_on_one_connection()
    {
        WebApplication server = await StartAsync(app => app.Run(context => context.Response.WriteAsync($"{context.Connection.Id}\n")));

        string[] said = (await CurlAsync(server, AddressOf(server).ToString())).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(said, Has.Length.EqualTo(2));
        Assert.That(said[0], Is.EqualTo(said[1]));
    }

    private static void CountBody(WebApplication app) => app.Run(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        await context.Response.WriteAsync($"{body.Length} bytes");
    });

    private static Task<string> CurlAsync(WebApplication server, params string[] arguments) =>
        RealPeer.RunAsync("curl", ["-s", "--max-time", "25", .. arguments, AddressOf(server).ToString()]);
}
