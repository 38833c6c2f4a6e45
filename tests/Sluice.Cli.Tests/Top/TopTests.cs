using System.Text;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Top;

namespace Sluice.Cli.Tests.Top;

[TestFixture]
public sealed class TopTests
{
    private const string First = """
        [{"engine":"Epoll","socketCount":3,"loops":[{"number":0,"activity":"Sleeping","queued":0,"turns":100,"awakeMs":1000,"handoffs":0}],"sockets":[
        {"kind":"listener","local":"127.0.0.1:80","remote":null,"tls":null,"waitsFor":"connections","waitsSinceMs":1500,"received":0,"sent":0},
        {"kind":"connection","loop":0,"local":"127.0.0.1:80","remote":"10.0.0.1:5","tls":"Tls13","waitsFor":"bytes","waitsSinceMs":20,"received":1000,"sent":50},
        {"kind":"connection","loop":0,"local":"127.0.0.1:80","remote":"10.0.0.2:6","tls":null,"waitsFor":null,"received":5000,"sent":7000}]}]
        """;

    private static readonly string s_second = First
        .Replace("\"received\":1000", "\"received\":4001000", StringComparison.Ordinal)
        .Replace("\"turns\":100", "\"turns\":300", StringComparison.Ordinal)
        .Replace("\"awakeMs\":1000", "\"awakeMs\":2000", StringComparison.Ordinal);

    [Test]
    public void Two_looks_make_a_rate()
    {
        string[] lines = Format(new TopView());
        Assert.That(lines[0], Is.EqualTo("3 sockets, 2 connections, 2.0 MB/s in, 0 B/s out"));
        Assert.That(lines[1], Is.EqualTo("Epoll loop  0  [##########          ]  50 %        100 turns/s      0 queued  Sleeping"));
        Assert.That(lines[3], Is.EqualTo(TopRow.Title));
        Assert.That(lines[4], Does.StartWith(" connection  127.0.0.1:80           10.0.0.1:5                2.0 MB ").And.EndsWith("bytes, 0.0 s"));
    }

    [TestCase("Rate", "10.0.0.1:5")]
    [TestCase("Bytes", "10.0.0.1:5")]
    [TestCase("Wait", "listener")]
    [TestCase("Peer", "listener")]
    public void The_order_is_chosen(string order, string first) =>
        Assert.That(Format(new TopView { Order = Enum.Parse<TopOrder>(order) })[4], Does.Contain(first));

    [Test]
    public void A_filter_shows_what_contains_it() => Assert.That(Format(new TopView { Filter = "tls13" }), Has.Length.EqualTo(5));

    [Test]
    public void One_connection_is_looked_into()
    {
        string[] lines = Format(new TopView { Selected = 0, IsDetailed = true });
        Assert.That(lines, Does.Contain("remote     10.0.0.1:5").And.Contains("received   4.0 MB, 2.0 MB/s").And.Contains("TLS        Tls13"));
    }

    [Test]
    public void A_window_cuts_lines_off()
    {
        IReadOnlyList<string> lines = new TopView { Selected = 2 }.Format(TopSnapshot.Parse(First, 0), TopSnapshot.Parse(First, TimeProvider.System.TimestampFrequency), 30, 5);
        Assert.That(lines, Has.Count.EqualTo(5).And.All.Length.LessThanOrEqualTo(30));
        Assert.That(lines[^1], Does.StartWith(">"));
    }

    [Test]
    public void Many_loops_leave_room_for_the_sockets()
    {
        string loops = string.Join(',', Enumerable.Range(0, 64).Select(i => $$"""{"number":{{i}},"activity":"Sleeping","queued":0,"turns":100,"awakeMs":{{(i % 10 == 0 ? 2000 : 1000)}}}"""));
        string[] texts = [First, First.Replace("\"loops\":[", $"\"loops\":[{loops},", StringComparison.Ordinal)];
        TopSnapshot now = TopSnapshot.Parse(texts[1], TimeProvider.System.TimestampFrequency);
        IReadOnlyList<string> lines = new TopView().Format(TopSnapshot.Parse(texts[1].Replace("2000", "1000", StringComparison.Ordinal), 0), now, 80, 24);
        Assert.That(lines.Count(line => line.StartsWith("loop ", StringComparison.Ordinal)), Is.EqualTo(8));
        Assert.That(lines.Count(line => line.Contains("100 %", StringComparison.Ordinal)), Is.EqualTo(7));
        Assert.That(lines[9], Is.EqualTo("and 57 more loops, which are no busier"));
        Assert.That(lines, Has.Some.Contains("10.0.0.2:6"));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("[{}]")]
    [TestCase("<html>")]
    public void What_is_no_data_of_a_debug_page_is_an_error(string text) => Assert.Throws<InvalidDataException>(() => TopSnapshot.Parse(text, 0));

    [Test]
    public async Task A_real_manager_is_looked_at()
    {
        await using var selector = new SelectorManager(new SelectorOptions { LoopCount = 1 });
        await using ServerSocket listener = await selector.Tcp().BindAsync("127.0.0.1", 0);
        string request = string.Empty;
        await using LocalServer server = Serve(() => $"[{selector.Describe().ToJson()}]", asked => request = asked);
        using var source = new TopSource(new Dialer(selector, new DialSettings(default)), new Address(AddressKind.Tcp, "127.0.0.1", server.Port), "/debug/", ["X-Token: 1"]);
        TopSnapshot snapshot = await source.ReadAsync(CancellationToken.None).Soon();
        Assert.That(snapshot.Sockets.Select(socket => socket.Local), Does.Contain($"{listener.LocalEndPoint}"));
        Assert.That(request, Does.StartWith("GET /debug/data?max=10000 HTTP/1.1\r\n").And.Contains("X-Token: 1\r\n"));
    }

    [Test]
    public async Task Without_a_terminal_it_is_printed_once()
    {
        await using LocalServer server = Serve(() => First, _ => { });
        (int exitCode, string output, string errors) = await Cli.RunAsync("top", server.Name, "--interval", "0.1");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.StartWith("3 sockets, 2 connections, 0 B/s in, 0 B/s out").And.Contains("10.0.0.2:6"));
    }

    [Test]
    public async Task What_is_printed_as_JSON_is_one_line()
    {
        await using LocalServer server = Serve(() => First, _ => { });
        (int exitCode, string output, string errors) = await Cli.RunAsync("top", server.Name, "--json");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output.TrimEnd(), Does.StartWith("[{\"engine\":\"Epoll\"").And.Not.Contains('\n'));
    }

    [Test]
    public async Task What_is_no_data_of_a_debug_page_is_not_printed_as_JSON()
    {
        await using LocalServer server = Serve(() => "<html>", _ => { });
        const string said = "The server sends something else than the data of a debug page.";
        (int exitCode, string output, string errors) = await Cli.RunAsync("top", server.Name, "--json");
        Assert.That((exitCode, errors), Is.EqualTo((1, $"sluice: {said}{Environment.NewLine}")));
        Assert.That(JsonTests.ErrorIn(output), Is.EqualTo(said));
    }

    [Test]
    public async Task An_encoding_that_there_is_not_is_no_matter()
    {
        await using LocalServer server = Serve(() => First, _ => { }, "Content-Type: application/json; charset=none\r\n");
        (int exitCode, string output, string errors) = await Cli.RunAsync("top", server.Name, "--json");
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.StartWith("[{\"engine\":\"Epoll\""));
    }

    [TestCase("a..b:80", "sluice: 'a..b:80' has no host that a URL can have.")]
    [TestCase("127.0.0.1:1", "sluice: 'http://127.0.0.1/debug' is not the path of a URL; write --path /debug/sluice.", "--path", "http://127.0.0.1/debug")]
    public async Task What_is_no_part_of_a_URL_is_one_line(string endPoint, string error, params string[] options) =>
        Assert.That(await Cli.RunAsync(["top", endPoint, .. options]), Is.EqualTo((1, "", error + Environment.NewLine)));

    private static LocalServer Serve(Func<string> data, Action<string> onRequest, string headers = "") => new(async stream =>
    {
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            onRequest(Encoding.ASCII.GetString(buffer, 0, count));
            string body = data();
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        }
    });

    // Two seconds lie between the looks.
    private static string[] Format(TopView view) =>
        [.. view.Format(TopSnapshot.Parse(First, 0), TopSnapshot.Parse(s_second, 2 * TimeProvider.System.TimestampFrequency), int.MaxValue, int.MaxValue)];
}
