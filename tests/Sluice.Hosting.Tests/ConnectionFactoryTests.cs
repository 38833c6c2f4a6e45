using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Hosting.Connections;

namespace Sluice.Hosting.Tests;

/// <summary>ASP.NET Core's connections on Sluice in a host without a web server.</summary>
public sealed class ConnectionFactoryTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly object s_key = new();

    [Test]
    public async Task A_worker_has_both_factories([Values] bool keyed)
    {
        using IHost host = Build(services => _ = keyed
            ? services.AddKeyedSluiceConnections(s_key, options => options.ConfigureSelector = selector => selector.Engine = Engine)
            : services.AddSluiceConnections(options => options.ConfigureSelector = selector => selector.Engine = Engine));
        await host.StartAsync().Soon();
        IServiceProvider services = host.Services;

        await TalkAsync(
            keyed ? services.GetRequiredKeyedService<IConnectionListenerFactory>(s_key) : services.GetRequiredService<IConnectionListenerFactory>(),
            keyed ? services.GetRequiredKeyedService<IConnectionFactory>(s_key) : services.GetRequiredService<IConnectionFactory>());

        Assert.That(services.GetRequiredService<SelectorManager>().Engine, Is.EqualTo(Engine));
        Assert.That(keyed ? services.GetService<IConnectionFactory>() : services.GetKeyedService<IConnectionFactory>(s_key), Is.Null);
        await host.StopAsync().Soon();
    }

    [Test]
    public async Task Options_of_keyed_ones_are_their_own_and_the_selector_is_shared()
    {
        var configured = new List<string>();
        using IHost host = Build(services =>
        {
            services.AddKeyedSluiceConnections("a", options => options.ConfigureConnect = _ => configured.Add("a"));
            services.AddKeyedSluiceConnections("b", options => options.ConfigureTcp = _ => configured.Add("b"));
        });

        await TalkAsync(
            host.Services.GetRequiredKeyedService<IConnectionListenerFactory>("b"), host.Services.GetRequiredKeyedService<IConnectionFactory>("a"));

        Assert.That(configured, Is.EqualTo((string[])["b", "a"]));
        Assert.That(host.Services.GetRequiredKeyedService<TransportHost>("a").Selector, Is.SameAs(host.Services.GetRequiredKeyedService<TransportHost>("b").Selector));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Two_calls_change_the_same_options(bool keyed)
    {
        var configured = new List<string>();
        using IHost host = Build(services =>
        {
            Add(services, options =>
            {
                options.ConfigureSelector = _ => configured.Add("replaced");
                options.ConfigureConnect = _ => configured.Add("connect");
            });
            Add(services, options => options.ConfigureSelector = _ => configured.Add("selector"));
            Add(services, configure: null);
        });

        await TalkAsync(
            keyed ? host.Services.GetRequiredKeyedService<IConnectionListenerFactory>(s_key) : host.Services.GetRequiredService<IConnectionListenerFactory>(),
            keyed ? host.Services.GetRequiredKeyedService<IConnectionFactory>(s_key) : host.Services.GetRequiredService<IConnectionFactory>());

        Assert.That(configured, Is.EqualTo((string[])["selector", "connect"]));

        void Add(IServiceCollection services, Action<SluiceTransportOptions>? configure) =>
            _ = keyed ? services.AddKeyedSluiceConnections(s_key, configure) : services.AddSluiceConnections(configure);
    }

    [Test]
    public async Task A_key_that_is_null_is_none()
    {
        var configured = new List<string>();
        using IHost host = Build(services =>
        {
            services.AddKeyedSluiceConnections(null, options => options.ConfigureConnect = _ => configured.Add("first"));
            services.AddSluiceConnections(options => options.ConfigureTcp = _ => configured.Add("second"));
        });

        await TalkAsync(host.Services.GetRequiredService<IConnectionListenerFactory>(), host.Services.GetRequiredService<IConnectionFactory>());

        Assert.That(configured, Is.EqualTo((string[])["second", "first"]));
    }

    [Test]
    public async Task The_end_of_a_peer_is_told_also_by_a_clock_that_throws()
    {
        bool throws = false;
        await using SelectorManager selector = CreateManager(new SelectorOptions
        {
            TimeProvider = new ThrowingTime(call => _ = throws && call == "TimeProvider.CreateTimer" ? throw new NotSupportedException(call) : 0),
        });
        var listeners = new SluiceConnectionListenerFactory(selector, new SluiceTransportOptions { HalfCloseGrace = TimeSpan.FromMilliseconds(20) });
        await using IConnectionListener listener = await listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, 0)).Soon();
        Task<ConnectionContext?> accepting = listener.AcceptAsync().AsTask();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(listener.EndPoint).Soon();
        await using ConnectionContext server = (await accepting.Soon())!;
        throws = true;

        await client.OpenWriteChannel().CompleteAsync().Soon();
        ReadResult end = await server.Transport.Input.ReadAsync().Soon();

        Assert.That(end.IsCompleted);
        await Waiting.UntilAsync(() => server.ConnectionClosed.IsCancellationRequested);
        throws = false;
    }

    // As Orleans and others make what they are told the type of.
    [Test]
    public async Task Their_types_are_made_by_a_container()
    {
        using IHost host = Build(services => services
            .AddSluice(selector => selector.Engine = Engine)
            .AddKeyedSingleton<IConnectionFactory, SluiceConnectionFactory>(s_key)
            .AddKeyedSingleton<IConnectionListenerFactory>(s_key, (provider, _) => ActivatorUtilities.CreateInstance<SluiceConnectionListenerFactory>(provider)));

        await TalkAsync(
            host.Services.GetRequiredKeyedService<IConnectionListenerFactory>(s_key), host.Services.GetRequiredKeyedService<IConnectionFactory>(s_key));
    }

    [Test]
    public void They_need_no_web_framework()
    {
        IEnumerable<string?> names = typeof(SluiceConnectionFactory).Assembly.GetReferencedAssemblies().Select(name => name.Name);
        Assert.That(names.Where(name => name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)),
            Is.SubsetOf((string[])["Microsoft.AspNetCore.Connections.Abstractions", "Microsoft.AspNetCore.Http.Features"]));
    }

    private static IHost Build(Action<IServiceCollection> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        configure(builder.Services);
        return builder.Build();
    }

    private static async Task TalkAsync(IConnectionListenerFactory listeners, IConnectionFactory connections)
    {
        await using IConnectionListener listener = await listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, 0)).Soon();
        Task<ConnectionContext?> accepting = listener.AcceptAsync().AsTask();
        await using ConnectionContext client = await connections.ConnectAsync(listener.EndPoint).Soon();
        await using ConnectionContext server = (await accepting.Soon())!;

        // What a token refuses is not sent later.
        var cancelled = new CancellationToken(canceled: true);
        Assert.CatchAsync<OperationCanceledException>(async () => await client.Transport.Output.WriteAsync("refused"u8.ToArray(), cancelled));
        await client.Transport.Output.WriteAsync("hello"u8.ToArray()).Soon();
        ReadResult read = await server.Transport.Input.ReadAtLeastAsync(5).Soon();
        Assert.That(Encoding.ASCII.GetString(read.Buffer.FirstSpan), Is.EqualTo("hello"));
    }
}
