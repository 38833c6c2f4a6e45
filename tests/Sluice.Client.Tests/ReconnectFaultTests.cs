using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Client.Tests;

/// <summary>Faults beside the connection that reconnects.</summary>
public sealed class ReconnectFaultTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_log_that_throws_neither_ends_the_connection_nor_leaks_one()
    {
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new ThrowingLoggerProvider()));
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ReconnectingConnection<RequestChannel<string, string>> connection = Create(peer.EndPoint, new() { LoggerFactory = factory });
        Assert.That(await connection.SendAsync("one").Soon(), Is.EqualTo("one"));
        RequestChannel<string, string> first = await connection.GetAsync().Soon();
        peer.AbortAll();
        await first.Completion.Soon();
        Assert.That(await connection.SendAsync("two").Soon(), Is.EqualTo("two"));
        Assert.That(peer.Accepted, Is.EqualTo(2));
        await connection.DisposeAsync().Soon();
    }

    [Test]
    public async Task A_callback_may_wait_for_the_disposal()
    {
        var created = new TaskCompletionSource<ReconnectingConnection<RequestChannel<string, string>>>();
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ReconnectingConnection<RequestChannel<string, string>> connection = Create(peer.EndPoint, new()
        {
            OnStateChanged = change =>
            {
                if (change.State == ReconnectState.Connected)
                {
                    created.Task.GetAwaiter().GetResult().DisposeAsync().AsTask().GetAwaiter().GetResult();
                    disposed.SetResult();
                }
            },
        });
        created.SetResult(connection);
        await disposed.Task.Soon();
        await connection.DisposeAsync().Soon();
        Assert.That(connection.State, Is.EqualTo(ReconnectState.Closed));
    }

    [Test]
    public async Task With_a_log_that_throws_callers_are_told_that_the_connection_has_given_up()
    {
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new ThrowingLoggerProvider()));
        using Socket silent = Peers.Silent();
        await using ReconnectingConnection<RequestChannel<string, string>> connection =
            Create(silent.LocalEndPoint!, new() { LoggerFactory = factory, MaxAttempts = 2, WaitTimeout = Timeout.InfiniteTimeSpan });
        Exception? failure = await connection.GetAsync().OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<IOException>());
        Assert.That(failure!.Message, Does.Not.Contain("disk"));
    }

    [Test]
    public async Task A_peer_that_ends_the_connection_during_a_heartbeat_is_not_said_to_be_silent()
    {
        var clock = new FakeTimeProvider();
        var changes = new ConcurrentQueue<ReconnectStateChange>();
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ReconnectingConnection<RequestChannel<string, string>> connection = Create(
            peer.EndPoint,
            new()
            {
                TimeProvider = clock,
                OnStateChanged = changes.Enqueue,
                HeartbeatInterval = TimeSpan.FromSeconds(10),
                Heartbeat = async (channel, token) =>
                {
                    peer.AbortAll();
                    await channel.Completion.WaitAsync(token);
                    await channel.SendAsync("ping", token);
                },
            },
            clock);
        await connection.GetAsync().Soon();
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return changes.Any(change => change.State == ReconnectState.Disconnected);
        });
        string? cause = changes.First(change => change.State == ReconnectState.Disconnected).Cause?.Message;
        Assert.That(cause, Is.Not.Null.And.Not.Contain("sign of life"));
    }

    private ReconnectingConnection<RequestChannel<string, string>> Create(
        EndPoint endPoint, ReconnectOptions<RequestChannel<string, string>> options, TimeProvider? clock = null)
    {
        options.MinDelay = TimeSpan.FromMilliseconds(1);
        options.MaxDelay = TimeSpan.FromMilliseconds(20);
        return ReconnectingConnection.Create(
            Selector.Tcp(),
            [endPoint],
            (connection, _) => ValueTask.FromResult(RequestChannel.Create(connection, new LineProtocol(), new RequestChannelOptions { TimeProvider = clock })),
            options);
    }
}
