using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Proxying;

/// <summary>HTTP CONNECT (RFC 9110, 9.3.6), byte by byte.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HttpConnectTests(SelectorEngine engine) : BothEngines(engine)
{
    private const string Request = "CONNECT dest.example:443 HTTP/1.1\r\nHost: dest.example:443\r\n\r\n";

    private readonly ObservedTime _time = new();

    protected override SelectorOptions Options => new() { TimeProvider = _time };

    [TestCase("HTTP/1.1 200 Connection established\r\n\r\n")]
    [TestCase("HTTP/1.1 200\r\n\r\n")]
    [TestCase("HTTP/1.0 200 OK\r\nProxy-Agent: some\r\nContent-Length: 5\r\n\r\n")]
    [TestCase("HTTP/1.1 204 No Content\n\n")]
    [TestCase("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]
    public async Task What_follows_the_head_is_what_the_channel_begins_with(string head)
    {
        await using ScriptedProxy proxy = Answering($"{head}hello\r\n");

        StreamSocket socket = await Selector.Tcp().ViaHttpConnect(proxy.EndPoint).ConnectAsync("dest.example", 443).Soon();
        await using Connection connection = socket.OpenConnection();

        Assert.That(Encoding.ASCII.GetString([.. proxy.Heard]), Is.EqualTo(Request));
        Assert.That(connection.Input.TotalBytesRead, Is.Zero);
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        Assert.That(socket.RemoteEndPoint, Is.EqualTo(new DnsEndPoint("dest.example", 443)));
        Assert.That(socket.TransportRemoteEndPoint, Is.EqualTo(proxy.EndPoint));
    }

    [TestCase("192.0.2.1", "192.0.2.1:443")]
    [TestCase("2001:db8::1", "[2001:db8::1]:443")]
    [TestCase("bücher.example", "xn--bcher-kva.example:443")]
    public async Task The_server_is_named_as_in_a_URI(string host, string authority)
    {
        string request = $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n";
        await using var proxy = new ScriptedProxy((request.Length, "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray()));

        await using StreamSocket socket = await Selector.Tcp().ViaHttpConnect(proxy.EndPoint).ConnectAsync(host, 443).Soon();

        Assert.That(Encoding.ASCII.GetString([.. proxy.Heard]), Is.EqualTo(request));
    }

    [Test]
    public async Task Credentials_are_said_in_Basic_authentication()
    {
        const string authorization = "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n";
        await using var proxy = new ScriptedProxy((Request.Length - 2 + authorization.Length, "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray()));

        // The example of RFC 7617, 2.
        await using StreamSocket socket = await Selector.Tcp().ViaHttpConnect(proxy.EndPoint, new NetworkCredential("Aladdin", "open sesame"))
            .ConnectAsync("dest.example", 443).Soon();

        Assert.That(Encoding.ASCII.GetString([.. proxy.Heard]), Is.EqualTo(Request[..^2] + authorization));
    }

    [TestCase(407, "Proxy Authentication Required", SocketError.AccessDenied)]
    [TestCase(403, "Forbidden", SocketError.AccessDenied)]
    [TestCase(502, "Bad Gateway", SocketError.HostUnreachable)]
    [TestCase(504, "Gateway Timeout", SocketError.TimedOut)]
    [TestCase(501, "Not Implemented", SocketError.OperationNotSupported)]
    [TestCase(400, "Bad Request", SocketError.ConnectionRefused)]
    [TestCase(302, "Found", SocketError.ConnectionRefused)]
    [TestCase(101, "Switching Protocols", SocketError.ConnectionRefused)]
    public async Task What_is_no_success_is_an_error_that_tells_the_status(int status, string reason, SocketError expected)
    {
        await using ScriptedProxy proxy = Answering($"HTTP/1.1 {status} {reason}\r\nContent-Length: 3\r\n\r\nno\n");

        ProxyException failure = await FailAsync(proxy);

        Assert.That(failure.SocketErrorCode, Is.EqualTo(expected));
        Assert.That(failure.ReplyCode, Is.EqualTo(status));
        Assert.That(failure.Message, Does.Contain($"{status} {reason}").And.Contain("dest.example:443").And.Contain($"{proxy.EndPoint}"));
    }

    [Test]
    public async Task Cut_off_anywhere_the_answer_is_a_clear_error()
    {
        const string answer = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
        for (int cut = 0; cut < answer.Length; cut++)
        {
            await using ScriptedProxy proxy = Answering(answer[..cut]);
            ProxyException failure = await FailAsync(proxy);
            Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ConnectionAborted), $"after {cut} bytes");
            Assert.That(failure.Message, Does.Contain("before the end of its answer"));
        }
    }

    [TestCase("\x05\x00\r\n\r\n")]
    [TestCase("HTTP/2 200 OK\r\n\r\n")]
    [TestCase("HTTP/1.1 20 OK\r\n\r\n")]
    [TestCase("HTTP/1.1 2000 OK\r\n\r\n")]
    [TestCase("HTTP/1.1 +20 OK\r\n\r\n")]
    [TestCase("HTTP/1.1 099 OK\r\n\r\n")]
    [TestCase("SSH-2.0-OpenSSH_9.2\r\n")]
    [TestCase("\r\n\r\n")]
    public async Task What_makes_no_sense_is_a_clear_error(string answer)
    {
        await using ScriptedProxy proxy = Answering(answer);

        ProxyException failure = await FailAsync(proxy);

        Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ProtocolNotSupported));
        Assert.That(failure.Message, Does.Contain("is malformed"));
        Assert.That(failure.ReplyCode, Is.Null);
    }

    [TestCase("HTTP/1.1 200 OK\r\nA: ", "a")]
    [TestCase("HTTP/1.1 200 OK\r\n", "A: b\r\n")]
    [TestCase("", "HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task A_head_without_an_end_is_given_16_KiB(string begin, string more)
    {
        await using ScriptedProxy proxy = Answering(begin + string.Concat(Enumerable.Repeat(more, 17 * 1024 / more.Length)));

        ProxyException failure = await FailAsync(proxy);

        Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ProtocolNotSupported));
    }

    [Test]
    public async Task The_connect_timeout_bounds_all_that_is_said()
    {
        await using var proxy = new ScriptedProxy([(Request.Length, "HTTP/1.1 200 OK\r\nA: b\r\n"u8.ToArray())], staysOpen: true);
        Task<StreamSocket> connecting = Selector.Tcp().ViaHttpConnect(proxy.EndPoint)
            .ConnectAsync("dest.example", 443, options => options.ConnectTimeout = TimeSpan.FromSeconds(4)).AsTask();
        await Waiting.UntilAsync(() => proxy.Heard.Count == Request.Length);
        _time.Advance(TimeSpan.FromSeconds(4));

        Assert.That(await connecting.OutcomeAsync(), Is.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task Proxies_are_reached_through_each_other()
    {
        // What the first hears after its own answer is meant for the second, and for it that answers.
        const string toSecond = "CONNECT 192.0.2.9:1080 HTTP/1.1\r\nHost: 192.0.2.9:1080\r\n\r\n";
        await using var proxy = new ScriptedProxy(
            (toSecond.Length, "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray()), (3, [5, 0]), (19, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. "hello\n"u8]));

        StreamSocket socket = await Selector.Tcp().ViaHttpConnect(proxy.EndPoint).ViaSocks5(IPEndPoint.Parse("192.0.2.9:1080")).ConnectAsync("dest.example", 443).Soon();
        await using Connection connection = socket.OpenConnection();

        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        Assert.That(proxy.Heard, Is.EqualTo((byte[])[.. Encoding.ASCII.GetBytes(toSecond), 5, 1, 0, 5, 1, 0, 3, 12, .. "dest.example"u8, 1, 0xbb]));
    }

    [TestCase("dest.example\r\nEvil: yes")]
    [TestCase("dest.example:80")]
    [TestCase("user@dest.example")]
    [TestCase("dest/path")]
    public void A_host_that_is_none_is_refused_before_anything_is_awaited(string host) =>
        Assert.CatchAsync<ArgumentException>(async () => await Selector.Tcp().ViaHttpConnect("127.0.0.1", 3128).ConnectAsync(host, 443));

    [TestCase("us:er", "secret")]
    [TestCase("user", "sec\r\nret")]
    public void Credentials_that_cannot_be_said_are_refused(string user, string password) =>
        Assert.Catch<ArgumentException>(() => Selector.Tcp().ViaHttpConnect("127.0.0.1", 3128, new NetworkCredential(user, password)));

    private static ScriptedProxy Answering(string answer) => new((Request.Length, Encoding.Latin1.GetBytes(answer)));

    private async Task<ProxyException> FailAsync(ScriptedProxy proxy)
    {
        Exception? failure = await Selector.Tcp().ViaHttpConnect(proxy.EndPoint).ConnectAsync("dest.example", 443).OutcomeAsync();
        return failure as ProxyException ?? throw new AssertionException($"{failure}");
    }
}
