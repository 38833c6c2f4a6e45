using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sluice.Tests;
using Sluice.Tls;

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
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
        WebApplication server = await ServeAsync(EchoLinesAsync, listen => listen.UseHttps(certificate));

        SslClientAuthenticationOptions options = new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        await TalkAsync(await client.OpenConnection().UpgradeToTlsClientAsync(options).Soon());
    }

    [Test]
    public async Task A_handler_begins_TLS_itself()
    {
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
        using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
        if (Engine == SelectorEngine.Portable)
        {
            Assert.Ignore("There the transport reads ahead.");
        }

        WebApplication server = await ServeAsync(async (connection, token) =>
        {
            await connection.Input.ReadLineAsync(token);
            await connection.Output.WriteLineAsync("go ahead", token);
            await EchoLinesAsync(await connection.UpgradeToTlsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, null, token), token);
        });

        SslClientAuthenticationOptions options = new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(EndPointOf(server)).Soon();
        Connection plain = client.OpenConnection();
        await plain.Output.WriteLineAsync("STARTTLS").Soon();
        Assert.That(await plain.Input.ReadLineAsync().Soon(), Is.EqualTo("go ahead"));
        await TalkAsync(await plain.UpgradeToTlsClientAsync(options).Soon());
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
                    await connection.Input.ReadLineAsync(token);
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
