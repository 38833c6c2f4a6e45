using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Proxying;

/// <summary>SOCKS5 (RFC 1928, RFC 1929), byte by byte.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class Socks5Tests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly byte[] s_noLogin = [5, 0];
    private static readonly byte[] s_success = [5, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90];
    private static readonly NetworkCredential s_credentials = new("user", "secret");

    private readonly ObservedTime _time = new();

    protected override SelectorOptions Options => new() { TimeProvider = _time };

    [Test]
    public async Task A_name_is_left_to_the_proxy_to_look_up()
    {
        await using var proxy = new ScriptedProxy((3, s_noLogin), (19, [.. s_success, .. "hello\n"u8]));

        StreamSocket socket = await Selector.Tcp().ViaSocks5(proxy.EndPoint).ConnectAsync("dest.example", 443).Soon();
        await using Connection connection = socket.OpenConnection();

        Assert.That(proxy.Heard, Is.EqualTo((byte[])[5, 1, 0, 5, 1, 0, 3, 12, .. "dest.example"u8, 1, 0xbb]));
        Assert.That(connection.Input.TotalBytesRead, Is.Zero);
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        Assert.That(socket.RemoteEndPoint, Is.EqualTo(new DnsEndPoint("dest.example", 443)));
        Assert.That(socket.TransportRemoteEndPoint, Is.EqualTo(proxy.EndPoint));
    }

    [Test]
    public async Task Addresses_are_said_as_addresses()
    {
        await using var four = new ScriptedProxy((3, s_noLogin), (10, s_success));
        await using var six = new ScriptedProxy((3, s_noLogin), (22, [5, 0, 0, 4, .. new byte[16], 0, 0]));

        await using StreamSocket first = await Selector.Tcp().ViaSocks5(four.EndPoint).ConnectAsync("192.0.2.1", 80).Soon();
        await using StreamSocket second = await Selector.Tcp().ViaSocks5(six.EndPoint).ConnectAsync("2001:db8::1", 80).Soon();

        Assert.That(four.Heard.Skip(3), Is.EqualTo((byte[])[5, 1, 0, 1, 192, 0, 2, 1, 0, 80]));
        Assert.That(six.Heard.Skip(3), Is.EqualTo((byte[])[5, 1, 0, 4, .. IPAddress.Parse("2001:db8::1").GetAddressBytes(), 0, 80]));
    }

    [Test]
    public async Task User_name_and_password_are_offered_and_said_when_the_proxy_chooses_them()
    {
        await using var asking = new ScriptedProxy((4, [5, 2]), (13, [1, 0]), (10, s_success));
        await using var waiving = new ScriptedProxy((4, s_noLogin), (10, s_success));

        await using StreamSocket first = await Selector.Tcp().ViaSocks5(asking.EndPoint, s_credentials).ConnectAsync("192.0.2.1", 80).Soon();
        await using StreamSocket second = await Selector.Tcp().ViaSocks5(waiving.EndPoint, s_credentials).ConnectAsync("192.0.2.1", 80).Soon();

        Assert.That(asking.Heard.Take(17), Is.EqualTo((byte[])[5, 2, 0, 2, 1, 4, .. "user"u8, 6, .. "secret"u8]));
        Assert.That(waiving.Heard.Take(4), Is.EqualTo((byte[])[5, 2, 0, 2]));
    }

    [TestCase(1, SocketError.SocketError)]
    [TestCase(2, SocketError.AccessDenied)]
    [TestCase(3, SocketError.NetworkUnreachable)]
    [TestCase(4, SocketError.HostUnreachable)]
    [TestCase(5, SocketError.ConnectionRefused)]
    [TestCase(6, SocketError.TimedOut)]
    [TestCase(7, SocketError.OperationNotSupported)]
    [TestCase(8, SocketError.AddressFamilyNotSupported)]
    [TestCase(99, SocketError.SocketError)]
    public async Task Each_reply_is_an_error_of_its_own(byte reply, SocketError expected)
    {
        await using var proxy = new ScriptedProxy((3, s_noLogin), (10, [5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));

        ProxyException failure = await FailAsync(proxy);

        Assert.That(failure.SocketErrorCode, Is.EqualTo(expected));
        Assert.That(failure.ReplyCode, Is.EqualTo(reply));
        Assert.That(failure.Proxy, Is.EqualTo(proxy.EndPoint));
        Assert.That(failure.Message, Does.Contain("192.0.2.1:80").And.Contain($"{proxy.EndPoint}"));
    }

    [Test]
    public async Task A_login_that_is_wanted_or_refused_is_AccessDenied()
    {
        await using var wanting = new ScriptedProxy((3, [5, 0xff]));
        await using var refusing = new ScriptedProxy((4, [5, 2]), (13, [1, 1]));

        ProxyException wanted = await FailAsync(wanting);
        ProxyException refused = await FailAsync(refusing, s_credentials);

        Assert.That(new[] { wanted.SocketErrorCode, refused.SocketErrorCode }, Is.All.EqualTo(SocketError.AccessDenied));
        Assert.That(wanted.Message, Does.Contain("login"));
        Assert.That(refused.Message, Does.Contain("password").And.Not.Contain("secret"));
    }

    [Test]
    public async Task Cut_off_anywhere_the_answer_is_a_clear_error()
    {
        byte[] named = [5, 0, 0, 3, 4, .. "name"u8, 0, 80];
        for (int cut = 0; cut < s_noLogin.Length; cut++)
        {
            await AssertCutAsync(null, (3, s_noLogin[..cut]));
        }

        for (int cut = 0; cut < 2; cut++)
        {
            await AssertCutAsync(s_credentials, (4, [5, 2]), (13, ((byte[])[1, 0])[..cut]));
        }

        foreach (byte[] answer in (byte[][])[s_success, named])
        {
            for (int cut = 0; cut < answer.Length; cut++)
            {
                await AssertCutAsync(null, (3, s_noLogin), (10, answer[..cut]));
            }
        }

        async Task AssertCutAsync(NetworkCredential? credentials, params (int, byte[])[] steps)
        {
            await using var proxy = new ScriptedProxy(steps);
            ProxyException failure = await FailAsync(proxy, credentials);
            Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ConnectionAborted));
            Assert.That(failure.Message, Does.Contain("before the end of its answer"));
        }
    }

    [Test]
    public async Task What_makes_no_sense_is_a_clear_error()
    {
        (int, byte[])[][] scripts =
        [
            [(3, "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray())],
            [(3, [4, 0])],
            [(3, [5, 2])],
            [(3, [5, 7])],
            [(3, s_noLogin), (10, [4, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
            [(3, s_noLogin), (10, [5, 0, 0, 2, 0, 0, 0, 0, 0, 0])],
        ];
        foreach ((int, byte[])[] script in scripts)
        {
            await using var proxy = new ScriptedProxy(script);
            ProxyException failure = await FailAsync(proxy);
            Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ProtocolNotSupported));
            Assert.That(failure.Message, Does.Contain("is malformed"));
            Assert.That(failure.ReplyCode, Is.Null);
        }
    }

    [Test]
    public async Task A_manager_that_is_disposed_ends_it()
    {
        SelectorManager selector = CreateManager();
        await using var proxy = new ScriptedProxy([(3, [5])], staysOpen: true);
        Task<StreamSocket> connecting = selector.Tcp().ViaSocks5(proxy.EndPoint).ConnectAsync("192.0.2.1", 80).AsTask();
        await Waiting.UntilAsync(() => proxy.Heard.Count >= 3);

        await selector.DisposeAsync().Soon();

        Assert.That(await connecting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_proxy_that_does_not_listen_is_the_error_of_connecting_to_it()
    {
        using Socket silent = Peers.Silent();

        Exception? failure = await Selector.Tcp().ViaSocks5(silent.LocalEndPoint!).ConnectAsync("dest.example", 80).OutcomeAsync();

        Assert.That(failure, Is.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
        Assert.That(failure!.Message, Does.Contain($"{silent.LocalEndPoint}"));
    }

    [Test]
    public async Task The_PROXY_header_goes_to_the_server_behind_the_proxy()
    {
        await using var proxy = new ScriptedProxy((3, s_noLogin), (10, s_success), (15, "done\n"u8.ToArray()));

        StreamSocket socket = await Selector.Tcp().ViaSocks5(proxy.EndPoint)
            .ConnectAsync("192.0.2.1", 80, options => options.ProxyHeader = ProxyHeader.Local(ProxyProtocolVersion.V1)).Soon();
        await using Connection connection = socket.OpenConnection();

        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("done"));
        Assert.That(proxy.Heard.Skip(13).Take(15), Is.EqualTo("PROXY UNKNOWN\r\n"u8.ToArray()));
    }

    [Test]
    public void What_cannot_be_said_is_refused_before_anything_is_awaited()
    {
        TcpSocketBuilder tcp = Selector.Tcp();
        ProxyConnector proxied = tcp.ViaSocks5("127.0.0.1", 1080);

        Assert.Catch<ArgumentException>(() => tcp.ViaSocks5("127.0.0.1", 1080, new NetworkCredential(string.Empty, "secret")));
        Assert.Catch<ArgumentException>(() => tcp.ViaSocks5("127.0.0.1", 1080, new NetworkCredential(new string('u', 256), "secret")));
        Assert.Catch<ArgumentException>(() => tcp.ViaSocks5("127.0.0.1", 1080, new NetworkCredential("user", new string('ü', 128))));
        Assert.Catch<ArgumentException>(() => tcp.ViaSocks5("127.0.0.1", 65536));
        Assert.Catch<ArgumentException>(() => tcp.ViaSocks5(new UnixDomainSocketEndPoint("/tmp/proxy")));
        Assert.CatchAsync<ArgumentException>(async () => await proxied.ConnectAsync(string.Empty, 80));
        Assert.CatchAsync<ArgumentException>(async () => await proxied.ConnectAsync("a host", 80));
        Assert.CatchAsync<ArgumentException>(async () => await proxied.ConnectAsync(new string('x', 256), 80));
        Assert.CatchAsync<ArgumentException>(async () => await proxied.ConnectAsync(new UnixDomainSocketEndPoint("/tmp/server")));
    }

    private async Task<ProxyException> FailAsync(ScriptedProxy proxy, NetworkCredential? credentials = null)
    {
        Exception? failure = await Selector.Tcp().ViaSocks5(proxy.EndPoint, credentials).ConnectAsync("192.0.2.1", 80).OutcomeAsync();
        return failure as ProxyException ?? throw new AssertionException($"{failure}");
    }
}
