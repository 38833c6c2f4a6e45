using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Hosting;
using OrleansTlsOptions = global::Orleans.Connections.Security.TlsOptions;

namespace Sluice.Orleans.Tests;

/// <summary>Calls of a client, and between silos, on Sluice.</summary>
[TestFixture(SelectorEngine.Epoll)]
[TestFixture(SelectorEngine.Portable)]
[Parallelizable(ParallelScope.All)]
public sealed class ClusterTests(SelectorEngine engine)
{
    [SetUp]
    public void SkipWhereThereIsNoEpoll() => Assume.That(engine == SelectorEngine.Portable || OperatingSystem.IsLinux());

    [Test]
    public async Task Calls_large_and_small_go_through_gateways_and_between_silos()
    {
        await using Cluster cluster = await Cluster.StartAsync((silo, _) => Use(silo), client => Use(client));
        long[] grains = await cluster.OneOnEachAsync();

        foreach (int size in (int[])[0, 1, 4096, 65_536, 3_000_000])
        {
            byte[] bytes = RandomNumberGenerator.GetBytes(size);
            foreach (long grain in grains)
            {
                Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grain).EchoAsync(bytes), Is.EqualTo(bytes));
                Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grain).ThroughAsync(grains[0], bytes), Is.EqualTo(bytes));
                Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grain).ThroughAsync(grains[1], bytes), Is.EqualTo(bytes));
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 2000).Select(async i =>
        {
            byte[] bytes = BitConverter.GetBytes(i);
            Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grains[i % 2]).ThroughAsync(grains[i / 2 % 2], bytes), Is.EqualTo(bytes));
        }));

        // Each silo serves the client and the other silo, and no connection is anywhere else.
        foreach (SelectorManager selector in Selectors(cluster))
        {
            Assert.That(selector.Engine, Is.EqualTo(engine));
            Assert.That(selector.Describe().Sockets, Is.Not.Empty);
        }
    }

    [Test]
    public async Task A_silo_on_Sluice_and_one_on_Orleans_own_sockets_are_one_cluster()
    {
        await using Cluster cluster = await Cluster.StartAsync(
            (silo, index) =>
            {
                if (index == 0)
                {
                    Use(silo);
                }
            },
            client => Use(client));
        long[] grains = await cluster.OneOnEachAsync();
        byte[] bytes = RandomNumberGenerator.GetBytes(100_000);

        Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grains[0]).ThroughAsync(grains[1], bytes), Is.EqualTo(bytes));
        Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grains[1]).ThroughAsync(grains[0], bytes), Is.EqualTo(bytes));
        Assert.That(cluster.Silos[1].Services.GetService<SelectorManager>(), Is.Null);
    }

    [Test]
    public async Task Orleans_TLS_works_on_top()
    {
        using X509Certificate2 certificate = CreateCertificate();
        await using Cluster cluster = await Cluster.StartAsync(
            (silo, _) => Use(silo).UseTls(certificate, Trust),
            client => Use(client).UseTls(certificate, Trust));
        long[] grains = await cluster.OneOnEachAsync();
        byte[] bytes = RandomNumberGenerator.GetBytes(200_000);

        foreach (long grain in grains)
        {
            Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grains[0]).ThroughAsync(grain, bytes), Is.EqualTo(bytes));
        }

        static void Trust(OrleansTlsOptions options)
        {
            options.AllowAnyRemoteCertificate();
            options.OnAuthenticateAsClient = (_, authentication) => authentication.TargetHost = "localhost";
        }
    }

    [Test]
    public async Task A_silo_and_a_socket_server_of_one_host_share_one_manager()
    {
        await using Cluster cluster = await Cluster.StartAsync(
            (silo, index) =>
            {
                Use(silo);
                silo.Services.AddSocketServer("lines", options => options.EndPoints["plain"] = new SocketEndPointOptions { Url = "tcp://127.0.0.1:0" })
                    .Handle(async (_, connection, token) => await connection.Output.WriteLineAsync($"silo{index}", token));
            },
            client => Use(client));
        for (int i = 0; i < 2; i++)
        {
            IServiceProvider services = cluster.Silos[i].Services;
            ISocketServer server = services.GetRequiredKeyedService<ISocketServer>("lines");
            await using StreamSocket socket = await services.GetRequiredService<SelectorManager>().Tcp().ConnectAsync(server.EndPoints["plain"]);
            Assert.That(await socket.OpenReadChannel().ReadLineAsync(), Is.EqualTo($"silo{i}"));
            Assert.That(services.GetServices<SelectorManager>().Count(), Is.EqualTo(1));
        }

        long[] grains = await cluster.OneOnEachAsync();
        Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grains[0]).ThroughAsync(grains[1], [1]), Is.EqualTo((byte[])[1]));
    }

    [Test]
    public async Task A_silo_that_stops_is_replaced_by_the_other()
    {
        await using Cluster cluster = await Cluster.StartAsync((silo, _) => Use(silo), client => Use(client));
        long[] grains = await cluster.OneOnEachAsync();

        await cluster.Silos[1].StopAsync();

        Assert.That(await cluster.Grains.GetGrain<IEchoGrain>(grains[1]).SiloAsync(), Is.EqualTo("silo0"));
    }

    private static IEnumerable<SelectorManager> Selectors(Cluster cluster) =>
        cluster.Silos.Append(cluster.Client).Select(host => host.Services.GetRequiredService<SelectorManager>());

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private ISiloBuilder Use(ISiloBuilder silo) => silo.UseSluice(options => options.ConfigureSelector = selector => selector.Engine = engine);

    private IClientBuilder Use(IClientBuilder client) => client.UseSluice(options => options.ConfigureSelector = selector => selector.Engine = engine);
}
