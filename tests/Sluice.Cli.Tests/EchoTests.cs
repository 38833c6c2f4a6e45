namespace Sluice.Cli.Tests;

public sealed class EchoTests(string engine) : BothEngines(engine)
{
    [Test]
    public async Task Each_line_comes_back_with_CR_LF()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("one\ntwo\r\n\nünï");
            await client.ExpectAsync("one\r\ntwo\r\n\r\n");
            client.HalfClose();
            await client.ExpectAsync("ünï\r\n");
            await client.ExpectEndAsync();
        }
    }

    [Test]
    public async Task A_line_that_is_not_UTF_8_comes_back_as_it_was()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            byte[] lengthy = [.. Enumerable.Range(0, 60_000).Select(i => (byte)(0x80 + (i % 0x80)))];
            await client.SendAsync([(byte)'a', 0xE9, 0xFF, (byte)'\n', .. lengthy, (byte)'\n']);
            byte[] expected = [(byte)'a', 0xE9, 0xFF, (byte)'\r', (byte)'\n', .. lengthy, (byte)'\r', (byte)'\n'];
            Assert.That(await client.ReceiveAsync(expected.Length), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task Raw_bytes_come_back_as_they_were()
    {
        (Cli server, int port) = await StartAsync("--raw");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.SendAsync("no line\rat\0all");
            await client.ExpectAsync("no line\rat\0all");

            byte[] bytes = [.. Enumerable.Range(0, 1_000_000).Select(i => (byte)(i ^ (i >> 8)))];
            Task sending = client.SendAsync(bytes);
            Assert.That(await client.ReceiveAsync(bytes.Length), Is.EqualTo(bytes));
            await sending;
            client.HalfClose();
            await client.ExpectEndAsync();
        }
    }

    [Test]
    public async Task More_loops_than_processors_serve_as_well()
    {
        (Cli server, int port) = await StartAsync("--loops", $"{Environment.ProcessorCount + 1}");
        await using (server)
        {
            for (int i = 0; i < Environment.ProcessorCount + 2; i++)
            {
                using Client client = await Client.ConnectAsync(port);
                await client.SendAsync($"{i}\n");
                await client.ExpectAsync($"{i}\r\n");
            }
        }
    }

    [Test]
    public async Task A_line_is_printed_when_a_client_comes_and_when_it_goes()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            using (await Client.ConnectAsync(port))
            {
                Assert.That(await server.ReadLineAsync(), Does.Match(@"^127\.0\.0\.1:\d+ connected$"));
            }

            Assert.That(await server.ReadLineAsync(), Does.Match(@"^127\.0\.0\.1:\d+ disconnected$"));
        }
    }

    [Test]
    public async Task Quiet_prints_no_line_for_a_client()
    {
        (Cli server, int port) = await StartAsync("--quiet");
        await using (server)
        {
            using (Client client = await Client.ConnectAsync(port))
            {
                await client.SendAsync("x\n");
                await client.ExpectAsync("x\r\n");
            }

            await server.SignalAsync("TERM");
            (int exitCode, string output, string errors) = await server.EndAsync();
            Assert.That((exitCode, errors), Is.EqualTo((0, "")));
            Assert.That(output.Trim().Split('\n'), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public async Task A_line_over_the_limit_ends_its_connection_and_no_other()
    {
        (Cli server, int port) = await StartAsync("--max-line", "5");
        await using (server)
        {
            using Client bad = await Client.ConnectAsync(port);
            Assert.That(await server.ReadLineAsync(), Does.EndWith(" connected"));
            await bad.SendAsync("12345\n123456\n");
            await bad.ExpectAsync("12345\r\n");
            await bad.ExpectEndAsync();
            Assert.That(await server.ReadLineAsync(), Does.Match(@"^127\.0\.0\.1:\d+ disconnected: a line over the limit of 5 bytes$"));

            using Client good = await Client.ConnectAsync(port);
            await good.SendAsync("12345\n");
            await good.ExpectAsync("12345\r\n");
            await server.SignalAsync("TERM");
            Assert.That((await server.EndAsync()).Errors, Is.Empty);
        }
    }

    [Test]
    public async Task Beyond_the_most_connections_a_client_waits_for_its_turn()
    {
        (Cli server, int port) = await StartAsync("--max-connections", "1");
        await using (server)
        {
            using Client first = await Client.ConnectAsync(port);
            await first.SendAsync("first\n");
            await first.ExpectAsync("first\r\n");
            Assert.That(await server.ReadLineAsync(), Does.EndWith(" connected"));

            using Client second = await Client.ConnectAsync(port);
            await second.SendAsync("second\n");
            first.Dispose();
            await second.ExpectAsync("second\r\n");
            Assert.That(await server.ReadLineAsync(), Does.EndWith(" disconnected"), "the second came before the first had gone");
        }
    }

    [Test]
    public async Task An_idle_connection_is_closed()
    {
        (Cli server, int port) = await StartAsync("--idle-timeout", "1");
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            await client.ExpectEndAsync();
            Assert.That(await server.ReadLineAsync(), Does.EndWith(" connected"));
            Assert.That(await server.ReadLineAsync(), Does.EndWith(" disconnected: idle for too long"));
            await server.SignalAsync("TERM");
            Assert.That((await server.EndAsync()).Errors, Is.Empty);
        }
    }

    [Test]
    public async Task A_reset_by_a_client_is_told_in_one_line()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            using Client client = await Client.ConnectAsync(port);
            Assert.That(await server.ReadLineAsync(), Does.EndWith(" connected"));
            client.Reset();
            Assert.That(await server.ReadLineAsync(), Does.Contain(" disconnected: Reading from "));
            await server.SignalAsync("TERM");
            (int exitCode, string output, string errors) = await server.EndAsync();
            Assert.That((exitCode, errors), Is.EqualTo((0, "")));
            Assert.That(output, Does.Not.Contain("   at "));
        }
    }

    [Test]
    public async Task A_host_that_is_not_known_is_one_line_and_exit_code_1()
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("echo", "no-such-host..invalid:0", "--engine", Engine);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.Match(@"^sluice: Resolving no-such-host\.\.invalid:0: [^\r\n]+\r?\n$"));
    }

    [Test]
    public async Task A_port_in_use_is_one_line_and_exit_code_1()
    {
        (Cli server, int port) = await StartAsync();
        await using (server)
        {
            (int exitCode, string output, string errors) = await Cli.RunAsync("echo", $"127.0.0.1:{port}", "--engine", Engine);
            Assert.That((exitCode, output), Is.EqualTo((1, "")));
            Assert.That(errors, Does.Match($@"^sluice: Binding to 127\.0\.0\.1:{port}: [^\r\n]+\r?\n$"));
        }
    }

    private Task<(Cli Server, int Port)> StartAsync(params string[] options) => Cli.StartEchoAsync(["--engine", Engine, .. options]);
}
