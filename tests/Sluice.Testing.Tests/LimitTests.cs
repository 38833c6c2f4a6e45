using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>What the simulation does not do, as the table in the guide says.</summary>
public sealed class LimitTests
{
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
