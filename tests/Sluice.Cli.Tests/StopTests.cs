namespace Sluice.Cli.Tests;

public sealed class StopTests(string engine) : BothEngines(engine)
{
    // More than the server's send buffer takes: a client that reads nothing of the answer, and has a small buffer, holds the server up in the middle of it.
    private const int LongLine = 16 * 1024 * 1024;

    // Longer than anything here waits, so that a server which ends did not wait for it.
    private const string LongGrace = "3600";

    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task A_signal_lets_idle_clients_go_and_ends_with_0(string signal)
    {
        (Cli server, int port) = await StartAsync("--grace", LongGrace);
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("before\n");
            await client.ExpectAsync("before\r\n");
            await server.SignalAsync(signal);
            await client.ExpectEndAsync();
            (int exitCode, string output, string errors) = await server.EndAsync();
            Assert.That((exitCode, errors), Is.EqualTo((0, "")));
            Assert.That(output.TrimEnd(), Does.EndWith(" disconnected: the server stops"));
        }
    }

    [Test]
    public async Task A_signal_lets_idle_clients_of_raw_bytes_go()
    {
        (Cli server, int port) = await Cli.StartEchoAsync("--engine", Engine, "--grace", LongGrace, "--raw");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("before");
            await client.ExpectAsync("before");
            await server.SignalAsync("TERM");
            await client.ExpectEndAsync();
            Assert.That((await server.EndAsync()).ExitCode, Is.Zero);
        }
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task A_line_in_work_is_still_answered_after_a_signal(string signal)
    {
        (Cli server, int port) = await StartAsync("--grace", LongGrace);
        await using (server)
        {
            using Client busy = await ConnectBusyAsync(port);
            await SignalAndWaitUntilStoppingAsync(server, port, signal);
            byte[] rest = await busy.ReceiveAsync(LongLine - 1);
            Assert.That(rest.AsSpan().IndexOfAnyExcept((byte)'x'), Is.EqualTo(-1));
            await busy.ExpectAsync("\r\n");
            await busy.ExpectEndAsync();
            (int exitCode, _, string errors) = await server.EndAsync();
            Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        }
    }

    [Test]
    public async Task A_second_signal_cuts_off_what_is_in_work()
    {
        (Cli server, int port) = await StartAsync("--grace", LongGrace);
        await using (server)
        {
            using Client busy = await ConnectBusyAsync(port);
            await SignalAndWaitUntilStoppingAsync(server, port, "TERM");
            await server.SignalAsync("TERM");
            await AssertCutOffAsync(server);
        }
    }

    [Test]
    public async Task The_grace_cuts_off_what_is_in_work()
    {
        (Cli server, int port) = await StartAsync("--grace", "1");
        await using (server)
        {
            using Client busy = await ConnectBusyAsync(port);
            await server.SignalAsync("TERM");
            await AssertCutOffAsync(server);
        }
    }

    private static async Task AssertCutOffAsync(Cli server)
    {
        (int exitCode, string output, string errors) = await server.EndAsync();
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        int connected = output.Split(" connected").Length - 1;
        int disconnected = output.Split(" disconnected: the server stops").Length - 1;
        Assert.That((connected, disconnected), Is.EqualTo((connected, connected)));
    }

    /// <summary>A client that has begun to read the answer to a long line.</summary>
    private static async Task<Client> ConnectBusyAsync(int port)
    {
        Client client = await Client.ConnectAsync(port, receiveBufferSize: 64 * 1024);
        byte[] line = new byte[LongLine + 1];
        line.AsSpan().Fill((byte)'x');
        line[^1] = (byte)'\n';
        await client.SendAsync(line);
        await client.ExpectAsync("x");
        return client;
    }

    /// <summary>An idle client sees that a signal has come.</summary>
    private static async Task SignalAndWaitUntilStoppingAsync(Cli server, int port, string signal)
    {
        using Client idle = await Client.ConnectAsync(port);
        await idle.SendAsync("idle\n");
        await idle.ExpectAsync("idle\r\n");
        await server.SignalAsync(signal);
        await idle.ExpectEndAsync();
    }

    private Task<(Cli Server, int Port)> StartAsync(params string[] options) =>
        Cli.StartEchoAsync(["--engine", Engine, "--max-line", $"{LongLine}", .. options]);
}
