using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.AspNetCore.Tests;

/// <summary>HttpClient over Sluice.</summary>
public sealed class ClientTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task HttpClient_runs_over_it([Values] bool tls)
    {
        WebApplication server = await StartAsync(
            app => app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                await context.Response.Body.WriteAsync(body.ToArray());
            }),
            listen =>
            {
                if (tls)
                {
                    listen.UseHttps(ServerCertificate);
                }
            });
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = Selector.Tcp().ToConnectCallback(),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Policy(Authority),
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"{(tls ? "https" : "http")}://localhost:{AddressOf(server).Port}") };

        for (int size = 1; size <= 1_000_000; size *= 100)
        {
            byte[] body = new byte[size];
            Random.Shared.NextBytes(body);
            using var content = new ByteArrayContent(body);
            using HttpResponseMessage response = await client.PostAsync("/", content).Soon();
            Assert.That(await response.Content.ReadAsByteArrayAsync().Soon(), Is.EqualTo(body));
        }
    }

    [Test]
    public async Task A_client_that_is_disposed_of_closes_its_connections()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await StartAsync(
            app => app.Run(context => context.Response.WriteAsync("hello")),
            listen => listen.Use(next => async connection =>
            {
                await next(connection);
                closed.SetResult();
            }));
        using (var handler = new SocketsHttpHandler { ConnectCallback = Selector.Tcp().ToConnectCallback() })
        using (var client = new HttpClient(handler))
        {
            await client.GetStringAsync(AddressOf(server)).Soon();
        }

        await closed.Task.Soon();
    }

    [Test]
    public async Task A_refused_connection_is_an_HttpRequestException()
    {
        await using ServerSocket free = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        int port = free.Port;
        await free.DisposeAsync();
        using var handler = new SocketsHttpHandler { ConnectCallback = Selector.Tcp().ToConnectCallback() };
        using var client = new HttpClient(handler);

        Assert.CatchAsync<HttpRequestException>(() => client.GetStringAsync($"http://127.0.0.1:{port}/").Soon());
    }
}
