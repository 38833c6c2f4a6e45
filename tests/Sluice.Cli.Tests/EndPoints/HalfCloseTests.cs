using System.Net.Sockets;

namespace Sluice.Cli.Tests.EndPoints;

/// <summary>The end of one direction leaves the other one whole.</summary>
public sealed class HalfCloseTests(string engine) : BothEngines(engine)
{
    // More than the kernel's buffers take.
    private const int Count = 16 * 1024 * 1024;

    [Test]
    public async Task All_of_the_input_is_sent_to_a_server_that_has_ended_its_own_direction()
    {
        var received = new TaskCompletionSource<long>();
        await using LocalServer server = new(async stream =>
        {
            stream.Socket.Shutdown(SocketShutdown.Send);
            received.SetResult(await CountAsync(stream));
        });
        await using Cli client = Cli.Start("connect", server.Name, "--engine", Engine);
        await client.TypeAsync(new byte[Count]);
        client.CloseInput();
        Assert.That(await client.EndAsync(), Is.EqualTo((0, "", "")));
        Assert.That(await received.Task.Soon(), Is.EqualTo(Count));
    }

    [Test]
    public async Task All_of_the_input_is_sent_to_a_client_that_has_ended_its_own_direction()
    {
        (Cli server, int port) = await Cli.StartListeningAsync(@"Listening at 127\.0\.0\.1:(\d+)", "listen", "127.0.0.1:0", "--engine", Engine);
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            client.HalfClose();
            Task typing = server.TypeAsync(new byte[Count]);
            Assert.That(await client.ReceiveAsync(Count), Has.Length.EqualTo(Count));
            await typing;
            server.CloseInput();
            await client.ExpectEndAsync();
            Assert.That((await server.EndAsync()).ExitCode, Is.Zero);
        }
    }

    [TestCase("listen", "127.0.0.1:0", "--exec", "exec cat > {0}")]
    [TestCase("relay", "127.0.0.1:0", "exec:exec cat > {0}")]
    [Platform(Exclude = "Win", Reason = "The command is for a Unix shell.")]
    public async Task A_command_that_prints_nothing_gets_all_that_the_client_sends(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("received");
        (Cli server, int port) = await Cli.StartListeningAsync(
            @"127\.0\.0\.1:(\d+)", [.. arguments.Select(argument => string.Format(System.Globalization.CultureInfo.InvariantCulture, argument, file)), "--engine", Engine]);
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync(new byte[Count]);
            client.HalfClose();
            await client.ExpectEndAsync();
            Assert.That(new FileInfo(file).Length, Is.EqualTo(Count));
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "The command is for a Unix shell.")]
    public async Task A_command_that_fails_is_one_line_and_exit_code_1()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("connect", "exec:echo before; exit 3", "--engine", Engine);
        Assert.That((exitCode, output, errors), Is.EqualTo((1, "before\n", "sluice: exec:echo before; exit 3: exit code 3\n")));
    }

    private static async Task<long> CountAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[64 * 1024];
        long all = 0;
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            all += count;
        }

        return all;
    }
}
