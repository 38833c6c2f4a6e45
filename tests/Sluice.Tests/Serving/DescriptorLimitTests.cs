using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Engine;

namespace Sluice.Tests.Serving;

/// <summary>A server does not take the last descriptors of its process.</summary>
[Platform("Linux")]
public sealed class DescriptorLimitTests(SelectorEngine engine) : LoggedFixture(engine)
{
    [Test]
    public async Task A_flood_of_connections_ends_no_process_that_has_few_descriptors_and_all_are_served([Values(1, 3)] int listeners)
    {
        const int limit = 256;
        await using ChildProcess child = ChildProcess.Run(
            ["/bin/sh", "-c", $"ulimit -n {limit}; exec \"$@\"", "sh", .. ChildProcess.Command, "serve-cold", $"{Engine}", $"{listeners}"]);
        int[] ports = [.. (await child.ReadLineAsync()).Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
        var clients = new List<Socket>();
        for (int i = 0; i < 2 * limit; i++)
        {
            clients.Add(await Peers.ConnectAsync(new IPEndPoint(IPAddress.Loopback, ports[i % listeners])));
        }

        // Those that find no descriptor wait in the backlog until others are closed. None is closed before the server has met the limit.
        await Waiting.UntilAsync(async () => await child.AskNumberAsync("DescriptorsScarce") > 0);
        await Task.WhenAll(clients.Select(EchoAndCloseAsync));

        Assert.That(await child.AskAsync("AcceptFailed"), Is.EqualTo("0"));
        using JsonDocument description = JsonDocument.Parse(await child.AskAsync("describe"));
        Assert.That(description.RootElement.GetProperty("maxDescriptors").GetInt32(), Is.EqualTo(limit));
        Assert.That(description.RootElement.GetProperty("reservedDescriptors").GetInt32(), Is.EqualTo(64));
    }

    private static async Task EchoAndCloseAsync(Socket client)
    {
        await client.SendAsync("x\n"u8.ToArray());
        byte[] answer = new byte[3];
        for (int count = 0; count < answer.Length;)
        {
            int received = await client.ReceiveAsync(answer.AsMemory(count)).Soon();
            Assert.That(received, Is.Positive);
            count += received;
        }

        client.Dispose();
    }

    [Test]
    public async Task A_limit_that_the_process_has_not_the_descriptors_for_is_warned_of_once([Values] bool whileServing)
    {
        int tooMany = DescriptorLimit.MaxConnections + 1;
        for (int i = 0; i < 2; i++)
        {
            await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
            var options = new ServeOptions();
            Assert.That(options.MaxConnections, Is.EqualTo(ServeOptions.DefaultMaxConnections));
            options.MaxConnections = whileServing ? 1 : tooMany;
            Task serving = server.ServeAsync((_, _) => Task.CompletedTask, options);
            options.MaxConnections = tooMany;
            await server.StopAsync(TimeSpan.Zero).Soon();
            await serving.Soon();
        }

        Assert.That(Logged.Count("MaxConnectionsTooHigh"), Is.EqualTo(1));
        Assert.That(Logged.Entries.Single(entry => entry.Event == "MaxConnectionsTooHigh").Message, Does.Contain($"{DescriptorLimit.Limit}"));
    }

    [Test]
    public void The_default_leaves_a_reserve()
    {
        Assert.That(ServeOptions.DefaultMaxConnections, Is.EqualTo(DescriptorLimit.Limit - DescriptorLimit.Reserve));
        Assert.That(DescriptorLimit.Reserve, Is.InRange(1, 1024));
        Assert.That(Selector.Describe(), Has.Property(nameof(SelectorDescription.MaxDescriptors)).EqualTo(DescriptorLimit.Limit));
    }
}
