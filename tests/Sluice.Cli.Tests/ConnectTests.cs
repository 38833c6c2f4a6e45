using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Tests;

public sealed class ConnectTests(string engine) : BothEngines(engine)
{
    private TcpListener _listener = null!;

    [SetUp]
    public void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
    }

    [TearDown]
    public void StopListening() => _listener?.Dispose();

    [Test]
    public async Task Piped_lines_come_back_and_the_end_of_input_ends_it()
    {
        (Cli server, int port) = await Cli.StartEchoAsync("--engine", Engine);
        await using (server)
        await using (Cli client = Start(port))
        {
            await client.TypeAsync("one\ntwö\nwithout end");
            client.CloseInput();
            (int exitCode, string output, string errors) = await client.EndAsync();
            Assert.That((exitCode, output, errors), Is.EqualTo((0, "one\r\ntwö\r\nwithout end\r\n", "")));
        }
    }

    [Test]
    public async Task Many_piped_lines_come_back_while_more_are_sent()
    {
        string[] lines = [.. Enumerable.Range(0, 100_000).Select(i => $"line {i}")];
        (Cli server, int port) = await Cli.StartEchoAsync("--engine", Engine);
        await using (server)
        await using (Cli client = Start(port))
        {
            Task typing = client.TypeAsync(string.Join('\n', lines) + "\n");
            foreach (string line in lines)
            {
                Assert.That(await client.ReadLineAsync(), Is.EqualTo(line));
            }

            await typing;
            client.CloseInput();
            Assert.That((await client.EndAsync()).ExitCode, Is.Zero);
        }
    }

    [Test]
    public async Task Typed_lines_are_answered_one_by_one()
    {
        (Cli server, int port) = await Cli.StartEchoAsync("--engine", Engine);
        await using (server)
        await using (Cli client = Start(port))
        {
            foreach (string line in (string[])["first", "second", "third"])
            {
                await client.TypeAsync(line + "\n");
                Assert.That(await client.ReadLineAsync(), Is.EqualTo(line));
            }
        }
    }

    [Test]
    public async Task What_comes_is_printed_before_its_line_ends()
    {
        await using Cli client = Start();
        using TcpClient accepted = await AcceptAsync();
        await accepted.GetStream().WriteAsync("login: "u8.ToArray());
        await client.ExpectAsync("login: ");
        await client.TypeAsync("me\ny");
        byte[] received = new byte[4];
        await accepted.GetStream().ReadExactlyAsync(received).Soon();
        Assert.That(received, Is.EqualTo("me\ny"u8.ToArray()));
    }

    [TestCase(new string[0], "typed\n")]
    [TestCase(new[] { "--crlf" }, "typed\r\n")]
    public async Task What_comes_after_the_half_close_is_still_printed(string[] options, string sent)
    {
        await using Cli client = Start(options);
        await client.TypeAsync("typed\n");
        client.CloseInput();
        using (TcpClient accepted = await AcceptAsync())
        {
            using var reader = new StreamReader(accepted.GetStream());
            Assert.That(await reader.ReadToEndAsync().Soon(), Is.EqualTo(sent));
            await accepted.GetStream().WriteAsync("late answer"u8.ToArray());
        }

        (int exitCode, string output, string errors) = await client.EndAsync();
        Assert.That((exitCode, output, errors), Is.EqualTo((0, "late answer", "")));
    }

    [Test]
    public async Task What_is_piped_arrives_as_it_is_and_what_comes_is_printed_as_it_is()
    {
        byte[] bytes = new byte[1_000_000];
        new Random(4711).NextBytes(bytes);
        await using Cli client = Start();
        using TcpClient accepted = await AcceptAsync();
        Task<byte[]> printing = client.ReadBytesAsync(bytes.Length);
        Task typing = client.TypeAsync(bytes);
        byte[] received = new byte[bytes.Length];
        await accepted.GetStream().ReadExactlyAsync(received).AsTask().Soon();
        await accepted.GetStream().WriteAsync(received).AsTask().Soon();

        Assert.That(received, Is.EqualTo(bytes));
        Assert.That(await printing.Soon(), Is.EqualTo(bytes));
        await typing.Soon();
    }

    [Test]
    public async Task With_crlf_only_line_feeds_change()
    {
        await using Cli client = Start("--crlf");
        using TcpClient accepted = await AcceptAsync();
        await client.TypeAsync([(byte)'a', 0xE9, (byte)'\n', .. "x\ry\r"u8]);
        byte[] expected = [(byte)'a', 0xE9, .. "\r\nx\ry\r"u8];
        byte[] received = new byte[expected.Length];
        await accepted.GetStream().ReadExactlyAsync(received).AsTask().Soon();
        Assert.That(received, Is.EqualTo(expected));

        // A line end in two parts is one all the same.
        await client.TypeAsync("\n\n\0end"u8.ToArray());
        client.CloseInput();
        using var reader = new StreamReader(accepted.GetStream());
        Assert.That(await reader.ReadToEndAsync().Soon(), Is.EqualTo("\n\r\n\0end"));
    }

    [Test]
    public async Task It_ends_when_the_server_closes_although_more_could_be_typed()
    {
        await using Cli client = Start();
        using (TcpClient accepted = await AcceptAsync())
        {
            await accepted.GetStream().WriteAsync("bye\n"u8.ToArray());
        }

        (int exitCode, string output, string errors) = await client.EndAsync();
        Assert.That((exitCode, output, errors), Is.EqualTo((0, "bye\n", "")));
    }

    [Test]
    public async Task It_ends_when_the_server_closes_and_takes_nothing_more()
    {
        await using Cli client = Start("--wait", "1");
        using TcpClient accepted = await AcceptAsync();
        Task typing = client.TypeForeverAsync();
        await client.ExpectFullAsync().Soon("a full connection");
        await accepted.GetStream().WriteAsync("too much"u8.ToArray());
        accepted.Client.Shutdown(SocketShutdown.Send);
        (int exitCode, string output, string errors) = await client.EndAsync();
        Assert.That((exitCode, output, errors), Is.EqualTo((1, "too much", "sluice: The other side has closed before it took all of the input.\n")));
        await typing.Soon();
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "There a reset takes back what was received before it.")]
    public async Task What_came_before_a_reset_is_printed_and_the_reset_is_one_line_and_exit_code_1()
    {
        await using Cli client = Start();
        Task typing = client.TypeForeverAsync();
        using (TcpClient accepted = await AcceptAsync())
        {
            await accepted.GetStream().ReadExactlyAsync(new byte[1]).Soon();
            await accepted.GetStream().WriteAsync("too much"u8.ToArray());
            accepted.Client.Reset();
        }

        (int exitCode, string output, string errors) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((1, "too much")));
        Assert.That(errors, Does.Match(@"^sluice: Reading from 127\.0\.0\.1:\d+: [^\r\n]+\r?\n$"));
        await typing.Soon();
    }

    [Test]
    public async Task Ctrl_C_ends_it_with_130()
    {
        await using Cli client = Start();
        using TcpClient accepted = await AcceptAsync();
        await accepted.GetStream().WriteAsync("hello"u8.ToArray());
        await client.ExpectAsync("hello");
        await client.SignalAsync("INT");
        (int exitCode, _, string errors) = await client.EndAsync();
        Assert.That((exitCode, errors), Is.EqualTo((130, "")));
    }

    [Test]
    public async Task A_probe_says_who_is_connected()
    {
        Cli client = Start("-zv");
        await using (client)
        {
            using TcpClient server = await AcceptAsync();
            client.CloseInput();
            (int exitCode, string output, string errors) = await client.EndAsync();
            Assert.That(exitCode, Is.Zero);
            Assert.That(output, Does.Match(@"^127\.0\.0\.1:\d+ is open "));
            Assert.That(errors, Does.StartWith($"Connected to {_listener.LocalEndpoint} from {server.Client.RemoteEndPoint} in "));
        }
    }

    [Test]
    public async Task A_refused_connection_is_one_line_and_exit_code_1()
    {
        // Bound, and not listening.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await AssertUnreachableAsync(socket.LocalEndPoint!.ToString()!, "Connecting to");
    }

    [Test]
    public Task A_host_that_is_not_known_is_one_line_and_exit_code_1() => AssertUnreachableAsync("no-such-host..invalid:80", "Resolving");

    private async Task AssertUnreachableAsync(string target, string what)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("connect", target, "--engine", Engine);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.StartWith($"sluice: {what} {target}: ").And.Match(@"^[^\r\n]+\r?\n$"));
    }

    private Cli Start(params string[] options) => Start(((IPEndPoint)_listener.LocalEndpoint).Port, options);

    private Cli Start(int port, params string[] options) => Cli.Start(["connect", $"127.0.0.1:{port}", "--engine", Engine, .. options]);

    private Task<TcpClient> AcceptAsync() => _listener.AcceptTcpClientAsync().Soon("the command connects");
}
