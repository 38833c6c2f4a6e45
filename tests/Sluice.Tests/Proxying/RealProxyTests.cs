using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Proxying;

/// <summary>Connections through proxies of other people's.</summary>
public sealed class RealProxyTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly NetworkCredential s_credentials = new("user", "secret");

    [Test]
    public async Task Dante_connects_to_addresses_and_to_names_that_it_looks_up()
    {
        using var folder = new TemporaryFolder();
        IPEndPoint at = FreeAddress.Take();
        string file = folder.Write("danted.conf", $$"""
            logoutput: {{folder.PathOf("log")}}
            internal: {{at.Address}} port = {{at.Port}}
            external: lo
            socksmethod: none
            clientmethod: none
            user.privileged: {{Environment.UserName}}
            user.unprivileged: {{Environment.UserName}}
            client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
            socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }

            """);
        await using RealPeer dante = RealPeer.Start("danted", "-f", file, "-p", folder.PathOf("pid"));
        await FreeAddress.ListenedAtAsync(at);

        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(at), "127.0.0.1");
        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(at), "localhost");
        await AssertRefusesAsync(Selector.Tcp().ViaSocks5(at), SocketError.ConnectionRefused);
    }

    [Test]
    public async Task Microsocks_connects_a_client_that_knows_the_password()
    {
        IPEndPoint at = FreeAddress.Take();
        await using RealPeer proxy = RealPeer.Start(
            "microsocks", "-i", $"{at.Address}", "-p", at.Port.ToString(CultureInfo.InvariantCulture), "-u", "user", "-P", "secret");
        await FreeAddress.ListenedAtAsync(at);

        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(at, s_credentials), "127.0.0.1");
        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(at, s_credentials), "localhost");
        await AssertRefusesAsync(Selector.Tcp().ViaSocks5(at, s_credentials), SocketError.ConnectionRefused);
        await AssertRefusesAsync(Selector.Tcp().ViaSocks5(at), SocketError.AccessDenied);
        await AssertRefusesAsync(Selector.Tcp().ViaSocks5(at, new NetworkCredential("user", "wrong")), SocketError.AccessDenied);
    }

    [Test]
    public async Task Ssh_connects_from_the_other_end_of_its_connection()
    {
        using var folder = new TemporaryFolder();
        IPEndPoint server = FreeAddress.Take();
        IPEndPoint at = FreeAddress.Take();
        RealPeer.Find("sshd");
        await RealPeer.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.PathOf("host"));
        await RealPeer.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.PathOf("user"));
        Directory.CreateDirectory("/run/sshd");
        string config = folder.Write("sshd_config", $"""
            ListenAddress {server.Address}:{server.Port}
            HostKey {folder.PathOf("host")}
            AuthorizedKeysFile {folder.PathOf("user.pub")}
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password

            """);
        await using RealPeer sshd = RealPeer.Start(RealPeer.Find("sshd"), "-D", "-e", "-f", config);
        await FreeAddress.ListenedAtAsync(server);
        await using RealPeer ssh = RealPeer.Start(
            "ssh", "-F", "none", "-N", "-D", $"{at.Address}:{at.Port}", "-i", folder.PathOf("user"), "-o", "StrictHostKeyChecking=no",
            "-o", $"UserKnownHostsFile={folder.PathOf("known")}", "-o", "BatchMode=yes",
            "-p", server.Port.ToString(CultureInfo.InvariantCulture), $"{Environment.UserName}@{server.Address}");
        await FreeAddress.ListenedAtAsync(at);

        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(at), "127.0.0.1");
        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(at), "localhost");

        // What it cannot reach it only learns of when it has answered already.
    }

    [Test]
    public async Task Tinyproxy_connects_a_client_that_knows_the_password_also_to_another_proxy()
    {
        using var folder = new TemporaryFolder();
        IPEndPoint at = FreeAddress.Take();
        IPEndPoint next = FreeAddress.Take();
        string file = folder.Write("tinyproxy.conf", $"""
            Port {at.Port}
            Listen {at.Address}
            Timeout 30
            MaxClients 20
            BasicAuth user secret
            LogFile "{folder.PathOf("log")}"

            """);
        await using RealPeer proxy = RealPeer.Start("tinyproxy", "-d", "-c", file);
        await using RealPeer second = RealPeer.Start("microsocks", "-i", $"{next.Address}", "-p", next.Port.ToString(CultureInfo.InvariantCulture));
        await FreeAddress.ListenedAtAsync(at);
        await FreeAddress.ListenedAtAsync(next);

        await AssertEchoesAsync(Selector.Tcp().ViaHttpConnect(at, s_credentials), "127.0.0.1");
        await AssertEchoesAsync(Selector.Tcp().ViaHttpConnect(at, s_credentials), "localhost");
        await AssertEchoesAsync(Selector.Tcp().ViaHttpConnect(at, s_credentials).ViaSocks5(next), "127.0.0.1");
        await AssertEchoesAsync(Selector.Tcp().ViaSocks5(next).ViaHttpConnect(at, s_credentials), "localhost");
        await AssertRefusesAsync(Selector.Tcp().ViaHttpConnect(at, s_credentials), expected: null);
        await AssertRefusesAsync(Selector.Tcp().ViaHttpConnect(at), SocketError.AccessDenied);
        await AssertRefusesAsync(Selector.Tcp().ViaHttpConnect(at, new NetworkCredential("user", "wrong")), SocketError.AccessDenied);
    }

    private async Task AssertEchoesAsync(ProxyConnector through, string host)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            await connection.Output.WriteLineAsync("welcome", token);
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync(line, token);
            }
        });

        StreamSocket socket = await through.ConnectAsync(host, server.Port).Soon();
        await using (Connection connection = socket.OpenConnection())
        {
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("welcome"));
            await connection.Output.WriteLineAsync("hello").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }

        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    // The port has no listener.
    private static async Task AssertRefusesAsync(ProxyConnector through, SocketError? expected)
    {
        using Socket silent = Peers.Silent();
        Exception? failure = await through.ConnectAsync(silent.LocalEndPoint!).OutcomeAsync();
        ProxyException exception = failure as ProxyException ?? throw new AssertionException($"{failure}");
        if (expected is not null)
        {
            Assert.That(exception.SocketErrorCode, Is.EqualTo(expected), exception.Message);
        }

        Assert.That(exception.ReplyCode, Is.Not.Null);
    }
}
