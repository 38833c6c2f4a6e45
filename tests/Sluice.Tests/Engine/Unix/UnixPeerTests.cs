using System.Net.Sockets;

namespace Sluice.Tests.Engine.Unix;

/// <summary>Unix domain sockets and programs of others.</summary>
[Platform("Linux")]
public sealed class UnixPeerTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("nc", "-U -N PATH")]
    [TestCase("socat", "- UNIX-CONNECT:PATH")]
    [TestCase("socat", "- ABSTRACT-CONNECT:NAME")]
    public async Task Programs_connect_and_half_close(string program, string arguments)
    {
        string name = $"sluice-{Guid.NewGuid():n}";
        bool isAbstract = arguments.Contains("NAME", StringComparison.Ordinal);
        await using ServerSocket server = await Selector.Unix().BindAsync(isAbstract ? "\0" + name : _folder["s"]).Soon();
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            byte[] all = await connection.Input.ReadToEndAsync(limit: 1000, token);
            Array.Reverse(all);
            await connection.Output.WriteAsync(all, token);
        });

        await using RealPeer peer = RealPeer.Start(
            program, arguments.Replace("PATH", _folder["s"], StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal).Split(' '));
        await peer.Input.WriteAsync("stressed");
        peer.Input.Close();

        Assert.That(await peer.WaitForSuccessAsync(), Is.EqualTo("desserts"));
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [TestCase("nc", "-lU PATH")]
    [TestCase("socat", "- UNIX-LISTEN:PATH")]
    public async Task Programs_are_connected_to_and_what_they_leave_behind_is_replaced(string program, string arguments)
    {
        await using (RealPeer peer = RealPeer.Start(program, arguments.Replace("PATH", _folder["s"], StringComparison.Ordinal).Split(' ')))
        {
            StreamSocket socket = await ConnectAsync(_folder["s"]);
            Assert.That(socket.PeerCredentials.ProcessId, Is.Not.Zero.And.Not.EqualTo(Environment.ProcessId));
            await peer.Input.WriteLineAsync("hello");
            await peer.Input.FlushAsync();
            Assert.That(await socket.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }

        // Killed: its file is there, or not, as it likes; it can be bound either way.
        await using ServerSocket server = await Selector.Unix().BindAsync(_folder["s"]).Soon();
    }

    private async Task<StreamSocket> ConnectAsync(string path)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return await Selector.Unix().ConnectAsync(path, null, patience.Token);
            }
            catch (SocketException)
            {
                // It does not listen yet.
                await Task.Delay(20, patience.Token);
            }
        }
    }
}
