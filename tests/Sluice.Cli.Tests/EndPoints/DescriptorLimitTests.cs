using System.Globalization;
using System.Net.Sockets;

namespace Sluice.Cli.Tests.EndPoints;

/// <summary>Servers that may open few descriptors, and have more clients than that.</summary>
[Platform(Exclude = "Win", Reason = "Windows has no such limit.")]
public sealed class DescriptorLimitTests(string engine) : BothEngines(engine)
{
    private const int Limit = 220;

    [Test]
    public async Task A_relay_counts_both_sockets_of_a_connection_and_lets_further_clients_wait()
    {
        await using LocalServer target = LocalServer.Echo();
        await using Cli relay = Start($"relay 127.0.0.1:0 {target.Name}");
        await EchoAsync(relay, clients: Limit);
        await relay.SignalAsync("TERM");
        (int exitCode, _, string errors) = await relay.EndAsync();
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(errors, Does.Not.Contain("is down").And.Not.Contain("Too many open files"));
    }

    [TestCase("listen 127.0.0.1:0 --exec cat")]
    [TestCase("relay 127.0.0.1:0 exec:cat")]
    public async Task The_pipes_of_a_command_count_as_well(string arguments)
    {
        await using Cli server = Start(arguments);
        await EchoAsync(server, clients: Limit / 2);
        await server.SignalAsync("TERM");
        (int exitCode, _, string errors) = await server.EndAsync();
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(errors, Does.Not.Contain("is down").And.Not.Contain("Too many open files"));
    }

    [Test]
    public async Task A_limit_of_connections_that_the_descriptors_do_not_allow_refuses_clients_and_blames_no_target()
    {
        await using LocalServer target = LocalServer.Echo();
        await using Cli relay = Start($"relay 127.0.0.1:0 {target.Name} --max-connections 1000 --check 0.1");
        int port = await PortAsync(relay);
        using var held = new Disposables();
        for (int i = 0; i < Limit; i++)
        {
            try
            {
                await held.Add(await Client.ConnectAsync(port)).SendAsync("x");
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // Refused, by a reset that came before connecting had ended, or before the byte was sent.
            }
        }

        await relay.ErrorMatchAsync(@"disconnected: (.*Too many open files.*)$");
        held.Dispose();
        await Waiting.UntilAsync(() => IsServedAsync(port), "the relay serves again");
        await relay.SignalAsync("TERM");
        (int exitCode, _, string errors) = await relay.EndAsync();
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(errors, Does.Not.Contain("is down"));
    }

    private static async Task EchoAsync(Cli server, int clients)
    {
        int port = await PortAsync(server);
        using var held = new Disposables();
        var waiting = new Queue<Client>();
        for (int i = 0; i < clients; i++)
        {
            waiting.Enqueue(held.Add(await Client.ConnectAsync(port)));
            await waiting.Last().SendAsync("x");
        }

        // They are accepted in this order.
        foreach (Client client in waiting)
        {
            await client.ExpectAsync("x");
            client.Dispose();
        }
    }

    private static async Task<bool> IsServedAsync(int port)
    {
        using Client client = await Client.ConnectAsync(port);
        try
        {
            await client.SendAsync("x");
            await client.ExpectAsync("x");
            return true;
        }
        catch (IOException)
        {
            // Refused once more.
            return false;
        }
    }

    private static async Task<int> PortAsync(Cli server) =>
        int.Parse(await server.ErrorMatchAsync(@"^(?:Relaying|Listening at) 127\.0\.0\.1:(\d+)"), CultureInfo.InvariantCulture);

    private Cli Start(string arguments) => Cli.StartShell($"ulimit -n {Limit}; exec $SLUICE {arguments} --engine {Engine}");

    private sealed class Disposables : IDisposable
    {
        private readonly List<IDisposable> _all = [];

        public T Add<T>(T one)
            where T : IDisposable
        {
            _all.Add(one);
            return one;
        }

        public void Dispose() => _all.ForEach(one => one.Dispose());
    }
}
