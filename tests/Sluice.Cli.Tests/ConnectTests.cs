using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class ConnectTests
{
    [Test]
    public async Task Piped_lines_come_back_and_the_end_of_input_ends_it()
    {
        (Cli server, int port) = await Cli.StartEchoAsync();
        await using (server)
        await using (Cli client = Cli.Start("connect", $"127.0.0.1:{port}"))
        {
            await client.TypeAsync("one\ntwo\nwithout end");
            client.CloseInput();
            (int exitCode, string output, string errors) = await client.EndAsync();
            Assert.That((exitCode, output, errors), Is.EqualTo((0, "one\r\ntwo\r\nwithout end\r\n", "")));
        }
    }

    [Test]
    public async Task Typed_lines_are_answered_one_by_one()
    {
        (Cli server, int port) = await Cli.StartEchoAsync();
        await using (server)
        await using (Cli client = Cli.Start("connect", $"127.0.0.1:{port}"))
        {
            foreach (string line in (string[])["first", "second", "third"])
            {
                await client.TypeAsync(line + "\n");
                Assert.That(await client.ReadLineAsync(), Is.EqualTo(line));
            }
        }
    }

    [TestCase(new string[0], "typed\r\n")]
    [TestCase(new[] { "--lf" }, "typed\n")]
    public async Task What_comes_after_the_half_close_is_still_printed(string[] options, string sent)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using Cli client = Cli.Start(["connect", listener.LocalEndpoint.ToString()!, .. options]);
        await client.TypeAsync("typed\n");
        client.CloseInput();
        using (TcpClient accepted = await listener.AcceptTcpClientAsync())
        {
            using var reader = new StreamReader(accepted.GetStream());
            Assert.That(await reader.ReadToEndAsync(), Is.EqualTo(sent));
            await accepted.GetStream().WriteAsync("late answer"u8.ToArray());
        }

        (int exitCode, string output, _) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "late answer")));
    }

    [Test]
    public async Task It_ends_when_the_server_closes_although_more_could_be_typed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using Cli client = Cli.Start("connect", listener.LocalEndpoint.ToString()!);
        using (TcpClient accepted = await listener.AcceptTcpClientAsync())
        {
            await accepted.GetStream().WriteAsync("bye\n"u8.ToArray());
        }

        (int exitCode, string output, _) = await client.EndAsync();
        Assert.That((exitCode, output), Is.EqualTo((0, "bye\n")));
    }

    [TestCase("127.0.0.1:1", "Connecting to 127.0.0.1:1: ")]
    [TestCase("no-such-host.invalid:80", "Resolving no-such-host.invalid:80: ")]
    public async Task What_cannot_be_reached_is_one_line_and_exit_code_1(string target, string message)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync("connect", target);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors.TrimEnd(), Does.StartWith($"sluice: {message}").And.Not.Contain("\n"));
    }
}
