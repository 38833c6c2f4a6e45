using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Client.Tests;

/// <summary>Connections that are replaced when they end.</summary>
public sealed class ReconnectTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly ConcurrentQueue<ReconnectStateChange> _changes = new();

    private ReconnectOptions<RequestChannel<string, string>> Quick => new()
    {
        MinDelay = TimeSpan.FromMilliseconds(1),
        MaxDelay = TimeSpan.FromMilliseconds(20),
        OnStateChanged = _changes.Enqueue,
    };

    [Test]
    public async Task A_session_that_ends_is_replaced()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(Quick, peer.EndPoint);
        Assert.That(await connection.SendAsync("one").Soon(), Is.EqualTo("one"));
        RequestChannel<string, string> first = await connection.GetAsync().Soon();
        peer.AbortAll();
        await first.Completion.Soon();
        Assert.That(await connection.SendAsync("two").Soon(), Is.EqualTo("two"));
        Assert.That(await connection.GetAsync().Soon(), Is.Not.SameAs(first));
        await connection.DisposeAsync().Soon();
        Assert.That(connection.State, Is.EqualTo(ReconnectState.Closed));
        Assert.That(_changes.Select(change => change.State).Distinct(), Is.EquivalentTo(Enum.GetValues<ReconnectState>()));
        Assert.That(await connection.SendAsync("late").OutcomeAsync(), Is.InstanceOf<RequestException>());
    }

    [Test]
    public async Task Requests_wait_while_there_is_no_connection_and_fail_if_they_are_not_to_wait()
    {
        int port = FreePort();
        var endPoint = new IPEndPoint(IPAddress.Loopback, port);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(Quick, endPoint);
        Task<string> waiting = connection.SendAsync("waits").AsTask();
        await Waiting.UntilAsync(() => _changes.Any(change => change is { State: ReconnectState.Waiting, Cause: not null }));
        Exception? refused = await connection.SendAsync("fails", WhenDisconnected.Fail).OutcomeAsync();
        Assert.That(((RequestException)refused!).Delivery, Is.EqualTo(RequestDelivery.NotSent));
        Assert.That(waiting.IsCompleted, Is.False);
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector, port);
        Assert.That(await waiting.Soon(), Is.EqualTo("waits"));
    }

    [Test]
    public async Task The_next_end_point_is_tried_when_one_fails()
    {
        using Socket silent = Peers.Silent();
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(Quick, silent.LocalEndPoint!, peer.EndPoint);
        Assert.That(await connection.SendAsync("x").Soon(), Is.EqualTo("x"));
        Assert.That(_changes.First(change => change.State == ReconnectState.Connected).EndPoint, Is.SameAs(peer.EndPoint));
        Assert.That(_changes.Any(change => change.State == ReconnectState.Waiting), Is.False, "one try covers all end points");
    }

    [Test]
    public async Task An_end_point_that_does_not_keep_connections_is_avoided()
    {
        await using ServerSocket closing = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = closing.ServeAsync((connection, _) =>
        {
            connection.Abort();
            return Task.CompletedTask;
        });
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(Quick, closing.LocalEndPoint, peer.EndPoint);
        await Waiting.UntilAsync(() => _changes.Any(change => change.State == ReconnectState.Connected && ReferenceEquals(change.EndPoint, peer.EndPoint)));
        Assert.That(await connection.SendAsync("x").Soon(), Is.EqualTo("x"));
        await closing.StopAsync(TimeSpan.Zero);
        await serving.OutcomeAsync();
    }

    [Test]
    public async Task A_handshake_that_hangs_is_given_up()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        int tries = 0;
        ReconnectOptions<RequestChannel<string, string>> options = Quick;
        options.OpenTimeout = TimeSpan.FromSeconds(2);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = ReconnectingConnection.Create(
            Selector.Tcp(),
            [peer.EndPoint],
            async (opened, _) =>
            {
                if (Interlocked.Increment(ref tries) == 1)
                {
                    await Task.Delay(Timeout.Infinite, CancellationToken.None);
                }

                return RequestChannel.Create(opened, new LineProtocol());
            },
            options);
        Assert.That(await connection.SendAsync("x").Soon(), Is.EqualTo("x"));
        Assert.That(tries, Is.EqualTo(2));
        Assert.That(_changes.First(change => change.State == ReconnectState.Waiting).Cause?.InnerException, Is.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task After_the_last_attempt_it_gives_up()
    {
        using Socket silent = Peers.Silent();
        ReconnectOptions<RequestChannel<string, string>> options = Quick;
        options.MaxAttempts = 3;
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(options, silent.LocalEndPoint!);
        Assert.That(await connection.GetAsync().OutcomeAsync(), Is.InstanceOf<IOException>());
        Assert.That(_changes.Count(change => change.State == ReconnectState.Connecting), Is.EqualTo(3));
        Assert.That(connection.State, Is.EqualTo(ReconnectState.Closed));
    }

    [Test]
    public async Task A_wait_for_a_connection_ends_in_time_or_when_it_is_canceled()
    {
        using Socket silent = Peers.Silent();
        ReconnectOptions<RequestChannel<string, string>> options = Quick;
        options.WaitTimeout = TimeSpan.FromMilliseconds(50);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(options, silent.LocalEndPoint!);
        Assert.That(await connection.GetAsync().OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        using var source = new CancellationTokenSource();
        Task waiting = connection.GetAsync(source.Token).AsTask();
        await source.CancelAsync();
        Assert.That(await waiting.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>().Or.InstanceOf<TimeoutException>());
    }

    [TestCase(true, TestName = "It_can_be_disposed_of_while_it_connects({a})")]
    [TestCase(false, TestName = "It_can_be_disposed_of_during_the_handshake({a})")]
    public async Task Disposal_ends_a_try(bool connects)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var reached = new TaskCompletionSource();
        Connection? late = null;
        ReconnectingConnection<RequestChannel<string, string>> connection = ReconnectingConnection.Create(
            async (endPoint, _) =>
            {
                StreamSocket socket = await Selector.Tcp().ConnectAsync(endPoint, cancellationToken: CancellationToken.None);
                late = socket.OpenConnection();
                await HangAsync(connects);
                return late;
            },
            [peer.EndPoint],
            async (opened, _) =>
            {
                await HangAsync(!connects);
                return RequestChannel.Create(opened, new LineProtocol());
            },
            Quick);
        await reached.Task.Soon();
        Task<RequestChannel<string, string>> waiting = connection.GetAsync().AsTask();
        await connection.DisposeAsync().Soon();
        await connection.DisposeAsync().Soon();
        Assert.That(await waiting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        late!.Abort();

        // Ignores its token: the connection does not wait for it.
        async Task HangAsync(bool hangs)
        {
            if (hangs)
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            }
        }
    }

    [Test]
    public async Task A_peer_that_does_not_answer_a_heartbeat_is_replaced()
    {
        var clock = new FakeTimeProvider();
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ReconnectOptions<RequestChannel<string, string>> options = Quick;
        options.TimeProvider = clock;
        options.HeartbeatInterval = TimeSpan.FromSeconds(10);
        options.Heartbeat = async (channel, token) =>
        {
            await channel.SendAsync("ping", token);
        };
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(options, clock, peer.EndPoint);
        RequestChannel<string, string> first = await connection.GetAsync().Soon();
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return peer.Lines.Count(line => line == "ping") >= 2;
        });
        Assert.That(first.Completion.IsCompleted, Is.False);
        peer.IsSilent = true;
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return first.Completion.IsCompleted;
        });
        peer.IsSilent = false;
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return connection.Current is { } current && current != first;
        });
        Assert.That(_changes.Any(change => change.Cause?.Message.Contains("sign of life", StringComparison.Ordinal) == true));
    }

    [Test]
    public async Task A_callback_that_throws_changes_nothing()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ReconnectOptions<RequestChannel<string, string>> options = Quick;
        options.OnStateChanged = _ => throw new InvalidOperationException("of the callback");
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(options, peer.EndPoint);
        Assert.That(await connection.SendAsync("x").Soon(), Is.EqualTo("x"));
    }

    [Test]
    public async Task A_handler_runs_on_each_connection()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var lines = new ConcurrentQueue<string>();
        int runs = 0;
        await using ReconnectingConnection<ConnectionSession> connection = ReconnectingConnection.Create(
            Selector.Tcp(),
            [peer.EndPoint],
            (opened, _) => ValueTask.FromResult(ConnectionSession.Start(opened, async (handled, token) =>
            {
                await handled.Output.WriteStringAsync($"run {Interlocked.Increment(ref runs)}\n", token);
                while (await handled.Input.ReadLineAsync(token) is { } line)
                {
                    lines.Enqueue(line);
                }
            })),
            new ReconnectOptions<ConnectionSession> { MinDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(20) });
        await Waiting.UntilAsync(() => lines.Contains("run 1"));
        peer.AbortAll();
        await Waiting.UntilAsync(() => lines.Contains("run 2"));
        await connection.DisposeAsync().Soon();
    }

    [Test]
    public async Task Requests_of_many_callers_end_once_while_connections_come_and_go()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ReconnectOptions<RequestChannel<string, string>> options = Quick;
        options.StableAfter = TimeSpan.FromMilliseconds(1);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Connect(options, peer.EndPoint);
        int answered = 0;
        Task calling = Task.WhenAll(Enumerable.Range(0, 8).Select(async caller =>
        {
            for (int i = 0; i < 100; i++)
            {
                string text = $"{caller}.{i}";
                try
                {
                    Assert.That(await connection.SendAsync(text).Soon(), Is.EqualTo(text));
                    Interlocked.Increment(ref answered);
                }
                catch (RequestException exception)
                {
                    Assert.That(exception.Delivery, Is.EqualTo(RequestDelivery.MaybeSent), "others are sent again");
                }
            }
        }));
        while (!calling.IsCompleted)
        {
            peer.AbortAll();
            await Task.Delay(2);
        }

        await calling.Soon();
        Assert.That(answered, Is.Positive);
        Assert.That(peer.Lines.GroupBy(line => line).All(group => group.Count() == 1), "none is sent twice");
    }

    private static int FreePort()
    {
        using Socket socket = Peers.Silent();
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private ReconnectingConnection<RequestChannel<string, string>> Connect(
        ReconnectOptions<RequestChannel<string, string>> options, params EndPoint[] endPoints) => Connect(options, TimeProvider.System, endPoints);

    private ReconnectingConnection<RequestChannel<string, string>> Connect(
        ReconnectOptions<RequestChannel<string, string>> options, TimeProvider clock, params EndPoint[] endPoints) => ReconnectingConnection.Create(
            Selector.Tcp(),
            endPoints,
            (connection, _) => ValueTask.FromResult(
                RequestChannel.Create(connection, new LineProtocol(), new RequestChannelOptions { TimeProvider = clock })),
            options);
}
