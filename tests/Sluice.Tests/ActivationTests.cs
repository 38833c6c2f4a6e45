using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests;

[Platform("Linux")]
public sealed class ActivationTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase(null, "2", "a:b", ExpectedResult = new string[0])]
    [TestCase("7", null, "a:b", ExpectedResult = new string[0])]
    [TestCase("8", "2", "a:b", ExpectedResult = new string[0])]
    [TestCase("7", "2", "a:b", ExpectedResult = new[] { "a", "b" })]
    [TestCase("7", "2", "a:", ExpectedResult = new[] { "a", "" })]
    [TestCase("7", "2", null, ExpectedResult = new[] { "unknown", "unknown" })]
    [TestCase("7", "0", null, ExpectedResult = new string[0])]
    public string[] The_variables_say_how_many_and_what_they_are_called(string? process, string? count, string? names) =>
        ActivationVariables.Parse(process, count, names, 7);

    [TestCase("7", "2", "a")]
    [TestCase("7", "-2", null)]
    [TestCase("7", "two", null)]
    [TestCase("x", "2", null)]
    [TestCase("7", "99999999999", null)]
    [TestCase("7", "70000", null)]
    public void Variables_that_make_no_sense_are_an_error(string process, string count, string? names) =>
        Assert.Throws<InvalidOperationException>(() => ActivationVariables.Parse(process, count, names, 7));

    [Test]
    public void A_process_that_was_started_otherwise_has_none()
    {
        Assert.That(SocketActivation.TakeSockets(), Is.Empty);
        Assert.That(Selector.AdoptActivatedListeners(), Is.Empty);
    }

    [Test]
    public async Task Systemd_passes_its_sockets_and_children_inherit_nothing_of_it()
    {
        int port = FreePort();
        await using RealPeer systemd = RealPeer.Start(
            "systemd-socket-activate",
            ["-l", $"127.0.0.1:{port}", "-l", _folder["s"], "--fdname=http:control", .. ChildProcess.Command, "activated", Engine.ToString()]);

        string[] http = (await AskAsync(new IPEndPoint(IPAddress.Loopback, port), "hello")).Split(' ', 6);
        string[] control = (await AskAsync(new UnixDomainSocketEndPoint(_folder["s"]), "there")).Split(' ', 6);

        Assert.That(http[..5], Is.EqualTo(new[] { "http", "hello", "again=0", "others=0", "left=" }));
        Assert.That(control[..5], Is.EqualTo(new[] { "control", "there", "again=0", "others=0", "left=" }));

        // ls itself has 0 to 2 and the folder it looks at.
        Assert.That(http[5].Trim(), Is.EqualTo("inherited=0 1 2 3"));
    }

    [Test]
    public async Task Several_of_one_name_come_in_the_order_of_the_service_manager()
    {
        int port = FreePort();
        int second = FreePort();
        await using RealPeer systemd = RealPeer.Start(
            "systemd-socket-activate",
            ["-l", $"127.0.0.1:{port}", "-l", $"127.0.0.1:{second}", "--fdname=web:web", .. ChildProcess.Command, "activated", Engine.ToString()]);
        foreach (int each in (int[])[port, second])
        {
            Assert.That(await AskAsync(new IPEndPoint(IPAddress.Loopback, each), "hello"), Does.StartWith("web hello"));
        }
    }

    // The program binds it at once; it takes a number, and has no way to say which.
    private static int FreePort()
    {
        using Socket silent = Peers.Silent();
        return ((IPEndPoint)silent.LocalEndPoint!).Port;
    }

    private static async Task<string> AskAsync(EndPoint endPoint, string line)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using var socket = new Socket(
                endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(endPoint, patience.Token);
            }
            catch (SocketException) when (!patience.IsCancellationRequested)
            {
                // It has not bound yet.
                await Task.Delay(20, patience.Token);
                continue;
            }

            await socket.SendAsync(Encoding.ASCII.GetBytes(line + "\n"), patience.Token);
            using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException();
        }
    }
}
