using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>What the simulation does not do, as the table in the guide says.</summary>
public sealed class LimitTests
{
    [Test]
    public Task Unix_sockets_are_refused() => Simulation.RunAsync(1, async network =>
    {
        await network.AddHost("host").RunAsync(async selector =>
        {
            const string path = "/tmp/sluice-simulated";
            await Failure.OfAsync<NotSupportedException>(async () => await selector.Unix().BindAsync(path));
            await Failure.OfAsync<NotSupportedException>(async () => await selector.Unix().ConnectAsync(path));
            await Failure.OfAsync<NotSupportedException>(async () => await selector.Unix().BindDatagramAsync(path));
            await Failure.OfAsync<NotSupportedException>(async () => await selector.Unix().CreatePairAsync());
            Assert.That(selector.Describe().Sockets, Is.Empty);
        });
    });

    [Test]
    public Task A_datagram_to_a_group_arrives_nowhere() => Simulation.RunAsync(1, async network =>
    {
        var group = IPAddress.Parse("239.1.2.3");
        SimulatedHost host = network.AddHost("host");
        await host.RunAsync(async selector =>
        {
            await using DatagramSocket socket = await selector.Udp().BindAsync("0.0.0.0", Programs.Port);
            if (OperatingSystem.IsLinux())
            {
                socket.JoinGroup(group);
            }

            await socket.SendAsync(new byte[1], new IPEndPoint(group, Programs.Port));
            using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1), host.Time);
            await Failure.OfAsync<OperationCanceledException>(async () => await socket.ReceiveAsync(cancellation.Token));
        });
    });

    [Test]
    public Task Files_are_sent_through_buffers_and_a_connection_has_no_TcpInfo() => Simulation.RunAsync(1, async network =>
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("file");
        byte[] contents = new byte[100_000];
        network.Random.NextBytes(contents);
        await File.WriteAllBytesAsync(path, contents);
        network.AddHost("server").Run(Programs.EchoAsync);
        await network.AddHost("client").RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            Task<byte[]> reading = connection.Input.ReadExactlyAsync(contents.Length).AsTask();
            await connection.Output.SendFileAsync(path);
            await connection.Output.FlushAsync();
            Assert.That((await reading).AsSpan().SequenceEqual(contents), Is.True);
            if (OperatingSystem.IsLinux())
            {
                Assert.That(() => socket.GetTcpInfo(), Throws.InstanceOf<SocketException>());
            }
        });
    });
}
