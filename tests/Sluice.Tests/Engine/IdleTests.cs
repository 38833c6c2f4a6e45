using System.Globalization;
using System.Net.Sockets;

namespace Sluice.Tests.Engine;

public sealed class IdleTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task Two_hundred_idle_connections_take_almost_no_processor_time()
    {
        await using ChildProcess server = await ChildProcess.ServeAsync(Engine);
        var clients = new List<Socket>();
        for (int i = 0; i < 200; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.EndPoint));
            await EchoAsync(clients[i]);
        }

        // What starting up costs is not meant: until it is quiet, look again.
        double used = double.MaxValue;
        for (int attempt = 0; attempt < 10 && used > 50; attempt++)
        {
            double before = await server.AskNumberAsync("cpu");
            // The window of the measurement.
            await Task.Delay(500);
            used = await server.AskNumberAsync("cpu") - before;
        }

        Assert.That(used, Is.LessThanOrEqualTo(50), "milliseconds in half a second");
        await EchoAsync(clients[100]);
        clients.ForEach(client => client.Dispose());
    }

    [Test]
    public async Task Ten_thousand_idle_connections_stand_and_a_new_one_is_served_at_once()
    {
        const int count = 10_000;
        if (DescriptorLimit() < count + 1000)
        {
            Assert.Ignore($"A process may have {DescriptorLimit()} descriptors here.");
        }

        await using ChildProcess server = await ChildProcess.ServeAsync(Engine);
        var sockets = new List<StreamSocket>();
        for (int i = 0; i < count; i++)
        {
            sockets.Add(await Selector.Tcp().ConnectAsync(server.EndPoint).Soon());
        }

        await Waiting.UntilAsync(async () => (int)await server.AskNumberAsync("served") == count);

        using Socket fresh = await Peers.ConnectAsync(server.EndPoint);
        await EchoAsync(fresh).WaitAsync(Waiting.AtOnce);
        for (int i = 0; i < count; i += 1000)
        {
            Connection connection = sockets[i].OpenConnection();
            await connection.Output.WriteLineAsync("still there").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("still there"));
        }

        // Reset, so that no port lingers.
        sockets.ForEach(socket => socket.Abort());
    }

    [Test]
    public async Task A_server_out_of_descriptors_waits_without_spinning_and_serves_again_when_there_are_some()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("How the limit is set is known of Linux.");
        }

        const int count = 40;
        await using ChildProcess server = await ChildProcess.ServeAsync(Engine);
        using (Socket warm = await Peers.ConnectAsync(server.EndPoint))
        {
            await EchoAsync(warm);
        }

        // The child has to be asked once before, too: see Program.WarmUpAsync.
        await server.AskNumberAsync("cpu");
        await server.AskNumberAsync("served");
        double failed = await server.AskNumberAsync("failures");
        Assert.That(await server.AskAsync("spare 10"), Is.EqualTo("ok"));
        var clients = new List<Socket>();
        for (int i = 0; i < count; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.EndPoint));
        }

        await Waiting.UntilAsync(async () => await server.AskNumberAsync("failures") >= failed + 3);
        double before = await server.AskNumberAsync("cpu");
        double failures = await server.AskNumberAsync("failures");

        // The window of the measurement.
        await Task.Delay(1000);
        double used = await server.AskNumberAsync("cpu") - before;

        // It tries after 10, 20, 40 ms and so on, not as fast as it can.
        Assert.That(await server.AskNumberAsync("failures") - failures, Is.LessThanOrEqualTo(10));
        Assert.That(used, Is.LessThan(300), "milliseconds in a second");
        await EchoAsync(clients[0]);

        // A client that was served leaves, which frees a descriptor for one that waits.
        foreach (Socket client in clients)
        {
            await EchoAsync(client);
            client.Dispose();
        }

        Assert.That(await server.AskNumberAsync("served"), Is.EqualTo(count + 1));
    }

    private static async Task EchoAsync(Socket client)
    {
        await client.SendAsync("hello\n"u8.ToArray()).Soon();
        byte[] answer = new byte[7];
        for (int at = 0; at < answer.Length;)
        {
            int received = await client.ReceiveAsync(answer.AsMemory(at)).Soon();
            Assert.That(received, Is.GreaterThan(0));
            at += received;
        }

        Assert.That(answer, Is.EqualTo("hello\r\n"u8.ToArray()));
    }

    private static long DescriptorLimit()
    {
        if (!File.Exists("/proc/self/limits"))
        {
            return 0;
        }

        string line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? long.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }
}
