using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Sluice.Connecting.Resolving;

namespace Sluice.Tests.Connecting.Resolving;

/// <summary>Lookups of a system that blocks, on threads of their own.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable]
public sealed class NameLookupsTests : IDisposable
{
    private static readonly IPAddress[] s_addresses = [IPAddress.Parse("192.0.2.1")];

    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ManualResetEventSlim _answer = new();

    public void Dispose()
    {
        _answer.Set();
        _answer.Dispose();
    }

    [Test]
    public async Task A_thousand_lookups_that_get_no_answer_end_when_they_are_cancelled_and_block_a_few_threads()
    {
        NameLookups lookups = Create(maxThreads: 4);
        using var cancellation = new CancellationTokenSource();
        Task[] pending = [.. Enumerable.Range(0, 1000).Select(i => lookups.ResolveAsync($"h{i}.example", AddressFamily.Unspecified, cancellation.Token))];
        await Waiting.UntilAsync(() => _asked.Count == 4);
        Assert.That(pending.Any(task => task.IsCompleted), Is.False);

        await cancellation.CancelAsync();

        foreach (Task task in pending)
        {
            OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await task.Soon())!;
            Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
        }

        await Waiting.UntilAsync(() => lookups.Load.Queued == 0);
        Assert.That(_asked, Has.Count.EqualTo(4), "No name is asked for that no caller waits for.");
        _answer.Set();
        Assert.That(await lookups.ResolveAsync("late.example", AddressFamily.Unspecified, CancellationToken.None).Soon(), Is.EqualTo(s_addresses));
    }

    [Test]
    public async Task Callers_who_ask_for_the_same_name_share_one_question_and_each_may_give_up()
    {
        NameLookups lookups = Create(maxThreads: 4);
        using var cancellation = new CancellationTokenSource();
        Task<IReadOnlyList<IPAddress>> first = lookups.ResolveAsync("same.example", AddressFamily.Unspecified, cancellation.Token);
        Task<IReadOnlyList<IPAddress>> second = lookups.ResolveAsync("SAME.example", AddressFamily.Unspecified, CancellationToken.None);
        Task<IReadOnlyList<IPAddress>> narrow = lookups.ResolveAsync("same.example", AddressFamily.InterNetwork, CancellationToken.None);
        await Waiting.UntilAsync(() => _asked.Count == 2);

        await cancellation.CancelAsync();
        Assert.That(await first.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        _answer.Set();

        Assert.That(await second.Soon(), Is.EqualTo(s_addresses));
        Assert.That(await narrow.Soon(), Is.EqualTo(s_addresses));
        Assert.That(_asked, Has.Count.EqualTo(2));
        await lookups.ResolveAsync("same.example", AddressFamily.Unspecified, CancellationToken.None).Soon();
        Assert.That(_asked, Has.Count.EqualTo(3), "An answer is not kept.");
    }

    [Test]
    public async Task A_name_of_the_hosts_file_does_not_wait_for_those_that_get_no_answer()
    {
        NameLookups lookups = Create(maxThreads: 2);
        Task[] stuck = [.. Enumerable.Range(0, 10).Select(i => lookups.ResolveAsync($"h{i}.example", AddressFamily.Unspecified, CancellationToken.None))];
        await Waiting.UntilAsync(() => _asked.Count == 2);

        Assert.That(await lookups.ResolveAsync("local", AddressFamily.Unspecified, CancellationToken.None).Soon(), Is.EqualTo(s_addresses));

        Assert.That(stuck.Any(task => task.IsCompleted), Is.False);
        _answer.Set();
        await Task.WhenAll(stuck).Soon();
        Assert.That(_asked.Distinct().Count(), Is.EqualTo(11));
    }

    [Test]
    public async Task Lookups_are_answered_in_the_order_they_come()
    {
        NameLookups lookups = Create(maxThreads: 1);
        Task[] pending = [.. Enumerable.Range(0, 50).Select(i => lookups.ResolveAsync($"h{i}.example", AddressFamily.Unspecified, CancellationToken.None))];
        _answer.Set();
        await Task.WhenAll(pending).Soon();

        Assert.That(_asked, Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"h{i}.example")));
    }

    [Test]
    public async Task Every_caller_gets_a_failure_and_the_next_one_asks_again()
    {
        _answer.Set();
        NameLookups lookups = Create(maxThreads: 1, failure: new SocketException((int)SocketError.TryAgain));
        Task[] pending = [.. Enumerable.Range(0, 3).Select(_ => lookups.ResolveAsync("same.example", AddressFamily.Unspecified, CancellationToken.None))];
        foreach (Task task in pending)
        {
            Assert.That(await task.OutcomeAsync(), Is.InstanceOf<SocketException>());
        }

        int asked = _asked.Count;
        Assert.That(await lookups.ResolveAsync("same.example", AddressFamily.Unspecified, CancellationToken.None).OutcomeAsync(), Is.InstanceOf<SocketException>());
        Assert.That(_asked, Has.Count.EqualTo(asked + 1));
    }

    [Test]
    public async Task Threads_end_when_there_is_nothing_to_do_and_come_again()
    {
        _answer.Set();
        NameLookups lookups = Create(maxThreads: 8, idleTime: TimeSpan.FromMilliseconds(50));
        for (int round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => lookups.ResolveAsync($"h{i}.example", AddressFamily.Unspecified, CancellationToken.None))).Soon();
            Assert.That(lookups.Load.Threads, Is.LessThanOrEqualTo(8 + 1));
            await Waiting.UntilAsync(() => lookups.Load.Threads == 0);
        }
    }

    [Test]
    public async Task What_the_hosts_file_knows_is_read_again_when_it_has_changed()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("hosts");
        var hosts = new HostsFile(path);
        Assert.That(hosts.Has("here", AddressFamily.Unspecified), Is.False);

        await File.WriteAllTextAsync(path, "# nothing\n\n127.0.0.1\tlocalhost Here # there\nnonsense\n::1 both six\n192.0.2.1 both\n");

        Assert.That(hosts.Has("here", AddressFamily.Unspecified));
        Assert.That(hosts.Has("HERE.", AddressFamily.InterNetwork));
        Assert.That(hosts.Has("here", AddressFamily.InterNetworkV6), Is.False);
        Assert.That(hosts.Has("both", AddressFamily.InterNetwork));
        Assert.That(hosts.Has("both", AddressFamily.InterNetworkV6));
        Assert.That(hosts.Has("six", AddressFamily.InterNetwork), Is.False);
        Assert.That(hosts.Has("there", AddressFamily.Unspecified), Is.False);
        Assert.That(hosts.Has("nonsense", AddressFamily.Unspecified), Is.False);
        File.Delete(path);
        Assert.That(hosts.Has("here", AddressFamily.Unspecified), Is.False);
    }

    private NameLookups Create(int maxThreads, Exception? failure = null, TimeSpan? idleTime = null) => new(
        (host, _) =>
        {
            _asked.Enqueue(host);
            if (host != "local")
            {
                _answer.Wait();
            }

            return failure is null ? s_addresses : throw failure;
        },
        (host, _) => host == "local",
        maxThreads,
        idleTime ?? TimeSpan.FromSeconds(10));
}
