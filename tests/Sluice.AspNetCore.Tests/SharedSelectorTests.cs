using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Hosting;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore.Tests;

/// <summary>Kestrel on Sluice, socket servers and connection factories in one application.</summary>
public sealed class SharedSelectorTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task They_share_one_selector_in_whatever_order_they_are_added([Values("kss", "ksc", "skc", "sck", "cks", "csk")] string order)
    {
        WebApplicationBuilder builder = CreateBuilder();
        foreach (char what in order)
        {
            Add(builder, what);
        }

        WebApplication application = builder.Build();
        application.MapGet("/", () => "hello");
        await application.StartAsync().Soon();
        SelectorManager selector = application.Services.GetRequiredService<SelectorManager>();
        await using (application)
        {
            Assert.That(application.Services.GetRequiredService<TransportHost>().Selector, Is.SameAs(selector));
            using var http = new HttpClient();
            Assert.That(await http.GetStringAsync(new Uri(application.Urls.Single())).Soon(), Is.EqualTo("hello"));
            EndPoint echo = application.Services.GetRequiredKeyedService<ISocketServer>("echo").EndPoints.Values.Single();
            await using ConnectionContext connection = await application.Services.GetRequiredService<IConnectionFactory>().ConnectAsync(echo).Soon();
            await connection.Transport.Output.WriteAsync("line\n"u8.ToArray()).Soon();
            Assert.That((await connection.Transport.Input.ReadAtLeastAsync(6).Soon()).Buffer.Length, Is.EqualTo(6));

            // Kestrel's listener and connection, the server's, and the client's.
            Assert.That(selector.Describe().SocketCount, Is.GreaterThanOrEqualTo(4));
            Assert.That((selector.Engine, selector.Describe().Loops.Count), Is.EqualTo((Engine, Engine == SelectorEngine.Epoll ? 1 : 0)));
            await application.StopAsync().Soon();
        }

        Assert.ThrowsAsync<ObjectDisposedException>(() => selector.Tcp().BindAsync("127.0.0.1").AsTask().Soon());
    }

    [Test]
    public async Task A_selector_that_the_application_registers_is_used_by_all_and_stays_its_own()
    {
        WebApplicationBuilder builder = CreateBuilder();
        builder.Services.AddSingleton(Selector);
        Add(builder, 's');
        Add(builder, 'k');
        Add(builder, 'c');
        await using (WebApplication application = builder.Build())
        {
            await application.StartAsync().Soon();
            Assert.That(Selector.Describe().Sockets.Count(socket => socket.Kind == "listener"), Is.EqualTo(2));
            await application.StopAsync().Soon();
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
    }

    [Test]
    public async Task A_selector_of_the_transports_own_leaves_that_of_the_services_alone()
    {
        WebApplicationBuilder builder = CreateBuilder();
        builder.WebHost.UseSluice(options => options.Selector = Selector);
        Add(builder, 's');
        await using WebApplication application = builder.Build();
        await application.StartAsync().Soon();

        Assert.That(application.Services.GetRequiredService<SelectorManager>(), Is.Not.SameAs(Selector));
        Assert.That(Selector.Describe().Sockets.Count(socket => socket.Kind == "listener"), Is.EqualTo(1));
        Assert.That(application.Services.GetRequiredService<SelectorManager>().Describe().Sockets.Count(socket => socket.Kind == "listener"), Is.EqualTo(1));
        await application.StopAsync().Soon();
    }

    [Test]
    [Platform("Linux")]
    public async Task Kestrel_listens_on_the_handle_of_a_socket_that_is_only_bound([Values] bool unix)
    {
        string folder = Directory.CreateTempSubdirectory("sl").FullName;
        try
        {
            EndPoint endPoint = unix ? new UnixDomainSocketEndPoint(Path.Combine(folder, "s")) : new IPEndPoint(IPAddress.Loopback, 0);
            var bound = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            bound.Bind(endPoint);
            endPoint = bound.LocalEndPoint!;
            ulong handle = (ulong)bound.SafeHandle.DangerousGetHandle();
            bound.SafeHandle.SetHandleAsInvalid();
            GC.SuppressFinalize(bound);
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle(handle));
            builder.WebHost.UseSluice(options =>
            {
                options.Selector = Selector;
                options.ConfigureTcp = tcp => tcp.Accepted.KeepAlive = true;
            });
            await using WebApplication application = builder.Build();
            bool? keepsAlive = null;
            application.MapGet("/", (HttpContext context) =>
            {
                keepsAlive = unix || context.Features.Get<IStreamSocketFeature>()!.Socket.Options.KeepAlive;
                return "hello";
            });
            await application.StartAsync().Soon();

            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, token) =>
                {
                    var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(endPoint, token);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            };
            using var http = new HttpClient(handler);
            Assert.That(await http.GetStringAsync(new Uri("http://localhost/")).Soon(), Is.EqualTo("hello"));
            Assert.That(keepsAlive, Is.True);
            await application.StopAsync().Soon();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    // Each changes the options of the selector a little.
    private void Add(WebApplicationBuilder builder, char what)
    {
        switch (what)
        {
            case 'k':
                builder.WebHost.UseSluice(options => options.ConfigureSelector += selector => selector.Engine = Engine);
                break;
            case 'c':
                builder.Services.AddSluiceConnections(options => options.ConfigureSelector += selector => selector.Engine = Engine);
                break;
            case 's' when builder.Services.All(service => service.ServiceType != typeof(ISocketServer)):
                builder.Services.AddSluice(selector => selector.LoopCount = 1);
                builder.Services.AddSocketServer("echo", options => options.ListenTcp("127.0.0.1", 0)).Handle(async (_, connection, token) =>
                {
                    while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
                    {
                        await connection.Output.WriteLineAsync(line, token);
                    }
                });
                break;
        }
    }
}
