using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Sluice.Hosting.Tests;

/// <summary>How a host with a server stops.</summary>
public sealed class StopTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    [Test]
    public async Task Idle_clients_do_not_hold_a_host_up_and_see_the_end_of_the_stream()
    {
        using IHost host = await StartAsync(server => server.Handle<EchoHandler>());
        Connection[] idle = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ConnectAsync(host)));

        await host.StopAsync().Soon();

        foreach (Connection connection in idle)
        {
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.Null);
        }
    }

    [Test]
    public async Task A_handler_may_wait_for_the_host_to_stop()
    {
        IHost? stopped = null;
        using IHost host = stopped = await StartAsync(server => server.Handle(async (services, connection, cancellationToken) =>
        {
            if (await connection.Input.ReadLineAsync(connection.Stopping) == "stop")
            {
                await stopped!.StopAsync(CancellationToken.None);
                await connection.Output.WriteLineAsync("stopped", cancellationToken);
            }
        }));
        Connection idle = await ConnectAsync(host, say: null);
        Connection connection = await ConnectAsync(host, say: null);

        await connection.Output.WriteLineAsync("stop").Soon();

        Assert.That(await idle.Input.ReadLineAsync().Soon(), Is.Null);
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("stopped"));
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.Null);
    }

    [Test]
    public async Task A_handler_of_datagrams_may_wait_for_the_host_to_stop()
    {
        IHost? stopped = null;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IHost host = stopped = await StartAsync(
            server => server.HandleDatagrams(async (services, socket, cancellationToken) =>
            {
                using Datagram datagram = await socket.ReceiveAsync(cancellationToken);
                await stopped!.StopAsync(CancellationToken.None);
                done.SetResult();
            }),
            options => options.ListenUdp("127.0.0.1", 0));
        await using DatagramSocket client = await Selector.Udp().ConnectAsync(EndPointOf(host)).Soon();

        await client.SendAsync("stop"u8.ToArray()).Soon();

        await done.Task.Soon();
    }

    [Test]
    public async Task A_stop_begins_also_by_a_clock_that_throws()
    {
        using IHost host = await StartAsync(server => server.Handle<EchoHandler>());
        bool throws = false;
        await using SelectorManager selector = CreateManager(new SelectorOptions
        {
            TimeProvider = new ThrowingTime(call => _ = throws ? throw new NotSupportedException(call) : 0),
        });
        IHostApplicationLifetime lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var stop = new HostStop(lifetime, selector);
        Assert.That(stop.HasBegun, Is.False);
        throws = true;

        lifetime.StopApplication();

        Assert.That((stop.HasBegun, stop.Elapsed), Is.EqualTo((true, TimeSpan.Zero)));
        throws = false;
        await host.StopAsync().Soon();
    }

    private static EndPoint EndPointOf(IHost host) => host.Services.GetRequiredKeyedService<ISocketServer>("echo").EndPoints.Values.Single();

    private async Task<IHost> StartAsync(Action<SocketServerBuilder> configure, Action<SocketServerOptions>? listen = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_long);
        builder.Services.AddSingleton<HandlerCounts>();
        builder.Services.AddSluice(selector => selector.Engine = Engine);
        configure(builder.Services.AddSocketServer("echo", options =>
        {
            options.Grace = s_long;
            _ = listen is null ? options.ListenTcp("127.0.0.1", 0) : null;
            listen?.Invoke(options);
        }));
        IHost host = builder.Build();
        await host.StartAsync().Soon();
        return host;
    }

    private async Task<Connection> ConnectAsync(IHost host, string? say = "x")
    {
        Connection connection = (await Selector.Tcp().ConnectAsync(EndPointOf(host)).Soon()).OpenConnection();
        if (say is not null)
        {
            await connection.Output.WriteLineAsync(say).Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Does.EndWith(say));
        }

        return connection;
    }
}
