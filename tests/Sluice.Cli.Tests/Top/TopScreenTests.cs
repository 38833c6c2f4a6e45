using System.Globalization;
using Sluice.Cli.Top;

namespace Sluice.Cli.Tests.Top;

[TestFixture]
public sealed class TopScreenTests
{
    private readonly ScriptedTerminal _terminal = new(width: 60, height: 15);
    private int _looks;
    private bool _isDown;

    /// <summary>Gets what stands on the screen since it was last drawn.</summary>
    private string Screen => _terminal.Written[Math.Max(0, _terminal.Written.LastIndexOf("\e[H", StringComparison.Ordinal))..];

    [Test]
    public async Task A_socket_that_is_looked_into_stays_when_the_order_changes_and_says_when_it_is_closed()
    {
        Task<int> running = Run();
        await UntilAsync("10.0.0.1:1");
        _terminal.Type(ConsoleKey.DownArrow);
        await UntilAsync(">10.0.0.1:1");
        _terminal.Type("\r");
        await UntilAsync("remote     10.0.0.1:1");

        // From here on, another one has the highest rate.
        Volatile.Write(ref _looks, 10);
        await UntilAsync("received   1.0 kB");
        Assert.That(Screen, Does.Contain("remote     10.0.0.1:1"));
        Volatile.Write(ref _looks, 20);
        await UntilAsync("connection 127.0.0.1:80 10.0.0.1:1 is closed");
        _terminal.Type(ConsoleKey.Escape);
        await UntilAsync(">10.0.0.2:2");
        _terminal.Type("q");
        Assert.That(await running.Soon(), Is.Zero);
        Assert.That(_terminal.Written, Does.StartWith("\e[?1049h\e[?25l").And.EndWith("\e[?25h\e[?1049l"));
    }

    [Test]
    public async Task A_server_that_is_gone_leaves_the_last_look_with_its_age_and_may_come_back()
    {
        Task<int> running = Run();
        await UntilAsync("10.0.0.2:2");
        Volatile.Write(ref _isDown, true);
        await UntilAsync("s old: no answer");
        Assert.That(Screen, Does.Contain("10.0.0.2:2"));
        Volatile.Write(ref _isDown, false);
        await UntilAsync("sorted by rate");
        _terminal.Type("/10.0.0.2");
        await UntilAsync("filter: 10.0.0.2_");
        Assert.That(Screen, Does.Not.Contain("10.0.0.1:1"));
        _terminal.Type("\r");
        _terminal.Type("s");
        await UntilAsync("sorted by bytes, filter: 10.0.0.2");
        _terminal.Type("q");
        await running.Soon();
    }

    [Test]
    public async Task It_follows_the_size_of_the_window_and_ends_with_a_signal()
    {
        using var stopping = new CancellationTokenSource();
        Task<int> running = Run(stopping.Token);
        await UntilAsync("remote");
        Assert.That(Lines(), Has.All.Length.LessThan(60));
        (_terminal.Width, _terminal.Height) = (120, 5);
        await UntilAsync("kind");
        Assert.That(Lines(), Has.Length.EqualTo(5).And.All.Length.LessThan(120));
        await stopping.CancelAsync();
        Assert.That(await running.Soon(), Is.Zero);
        Assert.That(_terminal.Written, Does.EndWith("\e[?25h\e[?1049l"));

        // Without the last one, in reverse, which fills its row.
        string[] Lines() => [.. Screen[3..Screen.IndexOf("\e[J", StringComparison.Ordinal)].Split("\e[K\r\n")];
    }

    [Test]
    public async Task A_signal_ends_it_before_the_server_has_answered_for_the_first_time()
    {
        using var stopping = new CancellationTokenSource();
        var terminal = new ScriptedTerminal(width: 60);
        var looking = new TaskCompletionSource();
        Task<int> running = new TopScreen(LookInVainAsync, new TopView(), TimeSpan.FromMilliseconds(20), terminal).RunAsync(stopping.Token);
        await looking.Task.Soon();
        await stopping.CancelAsync();
        Assert.That(await running.Soon(), Is.Zero);
        Assert.That(terminal.Written, Is.Empty);

        async Task<TopSnapshot> LookInVainAsync(CancellationToken cancellationToken)
        {
            looking.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }

    private Task<int> Run(CancellationToken stopping = default) => new TopScreen(LookAsync, new TopView(), TimeSpan.FromMilliseconds(20), _terminal).RunAsync(stopping);

    private Task UntilAsync(string text) => Waiting.UntilAsync(() => Screen.Contains(text, StringComparison.Ordinal), $"'{text}' on the screen");

    // The first socket has the higher rate, then the second one, and then the first one is gone.
    private Task<TopSnapshot> LookAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isDown))
        {
            throw new IOException("no answer");
        }

        int looks = Interlocked.Increment(ref _looks);
        string first = looks >= 20 ? string.Empty : Socket("10.0.0.1:1", looks < 10 ? looks : 1000) + ",";
        string second = Socket("10.0.0.2:2", looks < 10 ? 0 : looks * 1000);
        string loops = """[{"number":0,"activity":"Sleeping","queued":0,"turns":100,"awakeMs":1000,"handoffs":0}]""";
        string text = $$"""[{"engine":"Epoll","socketCount":2,"loops":{{loops}},"sockets":[{{first}}{{second}}]}]""";
        return Task.FromResult(TopSnapshot.Parse(text, TimeProvider.System.GetTimestamp()));
    }

    private static string Socket(string remote, int received) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"kind":"connection","loop":0,"local":"127.0.0.1:80","remote":"{{remote}}","tls":null,"waitsFor":"bytes","waitsSinceMs":20,"received":{{received}},"sent":0}""");
}
