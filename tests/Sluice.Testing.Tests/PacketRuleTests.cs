using System.Net;
using System.Text;

namespace Sluice.Testing.Tests;

/// <summary>Rules that decide about single packets.</summary>
public sealed class PacketRuleTests
{
    [Test]
    public Task A_segment_that_is_dropped_once_is_sent_again() => Simulation.RunAsync(200, async network =>
    {
        (SimulatedHost client, SimulatedHost server) = AddHosts(network);
        var sent = new List<TimeSpan>();
        network.AddRule(packet =>
        {
            if (packet.From != client || packet.Kind != SimulatedPacketKind.Data)
            {
                return PacketVerdict.Accept;
            }

            sent.Add(network.Time.Elapsed);
            return sent.Count == 1 ? PacketVerdict.Drop : PacketVerdict.Accept;
        });
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Assert.That(await Programs.AskAsync(socket, "hello"), Is.EqualTo("hello"));
        });

        Assert.That(sent, Has.Count.GreaterThan(1));
        Assert.That(network.Trace.ToString(), Does.Contain("(rule)"));

        // The least time for a retransmission, unless three segments that follow are acknowledged as out of order (RFC 5681, 3.2).
        int following = sent.Count(time => time == sent[0]) - 1;
        Assert.That(following >= 3 || network.Time.Elapsed > TimeSpan.FromMilliseconds(200), Is.True, network.Trace.ToString());
        Assert.That(server.IsRunning, Is.True);
    });

    [Test]
    public Task A_rule_sees_the_bytes_and_where_they_are() => Simulation.RunAsync(200, async network =>
    {
        (SimulatedHost client, SimulatedHost server) = AddHosts(network);
        byte[] seen = new byte[6];
        var kinds = new List<SimulatedPacketKind>();
        network.AddRule(packet =>
        {
            if (packet.From == client)
            {
                Assert.That((packet.To, packet.Destination.Port), Is.EqualTo((server, Programs.Port)));
                Assert.That(packet.Connection, Is.EqualTo(1));
                if (packet.Payload.Length > 0)
                {
                    packet.Payload.CopyTo(seen.AsMemory((int)packet.Offset));
                }

                kinds.Add(packet.Kind);
            }

            return PacketVerdict.Accept;
        });
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteStringAsync("hello\n");
            await connection.Output.CompleteAsync();
            Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo("hello"));
        });

        Assert.That(Encoding.UTF8.GetString(seen), Is.EqualTo("hello\n"));
        Assert.That(kinds[0], Is.EqualTo(SimulatedPacketKind.Syn));
        Assert.That(kinds, Does.Contain(SimulatedPacketKind.Fin));
    });

    [Test]
    public Task A_delay_holds_up_one_reply_and_not_the_other_connection() => Simulation.RunAsync(200, async network =>
    {
        (SimulatedHost client, SimulatedHost server) = AddHosts(network);
        network.AddRule(packet =>
            packet.From == server && packet.Payload.Span.StartsWith("s"u8) ? PacketVerdict.Delay(TimeSpan.FromSeconds(3)) : PacketVerdict.Accept);
        TimeSpan[] took = await Task.WhenAll(new[] { "slow", "quick" }.Select(line => client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Assert.That(await Programs.AskAsync(socket, line), Is.EqualTo(line));
            return network.Time.Elapsed;
        })));

        Assert.That(took[0], Is.InRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.5)));
        Assert.That(took[1], Is.LessThan(TimeSpan.FromSeconds(1)));
    });

    [Test]
    public Task Held_packets_arrive_when_the_rule_ends() => Simulation.RunAsync(200, async network =>
    {
        (SimulatedHost client, SimulatedHost server) = AddHosts(network);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Task<string?> answer;
            using (network.AddRule(packet => packet.From == server && packet.Kind == SimulatedPacketKind.Data ? PacketVerdict.Hold : PacketVerdict.Accept))
            {
                answer = Programs.AskAsync(socket, "hello");
                await network.Time.Delay(TimeSpan.FromMilliseconds(100));
                Assert.That(answer.IsCompleted, Is.False);
            }

            TimeSpan released = network.Time.Elapsed;
            Assert.That(await answer, Is.EqualTo("hello"));
            Assert.That(network.Time.Elapsed - released, Is.LessThan(TimeSpan.FromMilliseconds(50)));
        });
    });

    [Test]
    public Task One_datagram_is_dropped_and_one_is_changed() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        network.Latency = LatencyModel.Constant(TimeSpan.FromMilliseconds(1));
        network.AddRule(packet => packet.Payload.Span[0] switch
        {
            1 => PacketVerdict.Drop,
            2 => PacketVerdict.Corrupt(15),
            _ => PacketVerdict.Accept,
        });
        DatagramSocket receiver = await server.RunAsync(async selector => await selector.Udp().BindAsync("::", Programs.Port));
        await client.RunAsync(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().BindAsync("::");
            for (byte i = 0; i < 4; i++)
            {
                await socket.SendAsync(new byte[] { i, 0 }, new IPEndPoint(server.Addresses[0], Programs.Port));
                await client.Time.Delay(TimeSpan.FromMilliseconds(1));
            }
        });
        await server.RunAsync(async _ =>
        {
            foreach (byte[] expected in new byte[][] { [0, 0], [2, 128], [3, 0] })
            {
                Datagram datagram = await receiver.ReceiveAsync();
                Assert.That(datagram.Payload.ToArray(), Is.EqualTo(expected));
            }
        });
    });

    [Test]
    public async Task A_rule_that_throws_fails_the_run()
    {
        SimulationException failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(1, async network =>
        {
            (SimulatedHost client, _) = AddHosts(network);
            network.AddRule(_ => throw new InvalidOperationException("the rule"));
            await client.RunAsync(async selector => await selector.Tcp().ConnectAsync("server", Programs.Port));
        }));

        Assert.That(failure.ToString(), Does.Contain("the rule"));
    }

    private static (SimulatedHost Client, SimulatedHost Server) AddHosts(SimulatedNetwork network)
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        return (client, server);
    }
}
