using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>Connecting to a name, some of whose addresses are broken.</summary>
public sealed class HappyEyeballsTests
{
    private static readonly TimeSpan s_attemptDelay = TimeSpan.FromMilliseconds(250);

    private enum Fate
    {
        Listens,
        Refuses,
        Silent,
    }

    [Test]
    public Task The_first_address_that_works_is_reached_in_time() => Simulation.RunAsync(500, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        (IPAddress Address, Fate Fate)[] addresses = [.. Enumerable.Range(1, 1 + network.Random.Next(6)).Select(number => Add(network, number))];
        network.SetName("service", [.. addresses.Select(one => one.Address)]);
        bool works = Array.Exists(addresses, one => one.Fate == Fate.Listens);
        bool refusesAll = Array.TrueForAll(addresses, one => one.Fate == Fate.Refuses);
        TimeSpan limit = TimeSpan.FromSeconds(10);
        await client.RunAsync(async selector =>
        {
            try
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("service", Programs.Port, options => options.ConnectTimeout = limit);
                IPAddress reached = ((IPEndPoint)socket.RemoteEndPoint).Address;
                Assert.That(addresses, Has.Member((reached, Fate.Listens)));
                Assert.That(await Programs.AskAsync(socket, "hello"), Is.EqualTo("hello"));

                // Each address before it costs an attempt delay at most, and each exchange a round trip.
                Assert.That(network.Time.Elapsed, Is.LessThan((addresses.Length * s_attemptDelay) + TimeSpan.FromMilliseconds(50)));
            }
            catch (SocketException exception)
            {
                Assert.That(refusesAll, Is.True);
                Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
                Assert.That((exception as ConnectException)?.Attempts.Count ?? 1, Is.EqualTo(addresses.Length));
            }
            catch (TimeoutException)
            {
                Assert.That(works || refusesAll, Is.False);
                Assert.That(network.Time.Elapsed, Is.GreaterThanOrEqualTo(limit).And.LessThan(limit + TimeSpan.FromMilliseconds(50)));
            }
        });

        // The slower attempts were closed.
        await network.Time.Delay(TimeSpan.FromSeconds(1));
        Assert.That(client.Selector.Describe().Sockets, Is.Empty);
    });

    private static (IPAddress Address, Fate Fate) Add(SimulatedNetwork network, int number)
    {
        IPAddress address = network.Random.Next(2) == 0 ? IPAddress.Parse($"10.9.0.{number}") : IPAddress.Parse($"fd09::{number}");
        var fate = (Fate)network.Random.Next(3);
        SimulatedHost host = network.AddHost($"server{number}", address);
        if (fate == Fate.Listens)
        {
            host.Run(Programs.EchoAsync);
        }
        else if (fate == Fate.Silent)
        {
            host.BlackHole(Programs.Port);
        }

        return (address, fate);
    }
}
