using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Sluice.Tests.Diagnostics;

[NonParallelizable]
public sealed class TracesTests(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private ActivityListener? _listener;
    private Activity? _test;

    [SetUp]
    public void Listen()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Sluice",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _test = new Activity("test").Start();
    }

    [TearDown]
    public void StopListening()
    {
        _test?.Dispose();
        _listener?.Dispose();
    }

    [Test]
    public async Task Connecting_is_an_activity_with_one_for_each_attempt()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync("127.0.0.1", server.Port).Soon();
        Activity connect = Mine("sluice.connect").Single();
        Activity attempt = Mine("sluice.connect.attempt").Single();
        Assert.That(connect.ParentSpanId, Is.EqualTo(_test!.SpanId));
        Assert.That(attempt.ParentSpanId, Is.EqualTo(connect.SpanId));
        Assert.That((connect.GetTagItem("server.address"), connect.GetTagItem("server.port")), Is.EqualTo(("127.0.0.1", server.Port)));
        Assert.That(attempt.GetTagItem("network.peer.address"), Is.EqualTo("127.0.0.1"));
        Assert.That(Activity.Current, Is.SameAs(_test));
    }

    [Test]
    public void A_failure_is_told()
    {
        Assert.CatchAsync<SocketException>(async () => await Selector.Tcp().ConnectAsync(FreeAddress.Take()).Soon());
        Activity connect = Mine("sluice.connect").Single();
        Assert.That((connect.Status, connect.GetTagItem("error.type")), Is.EqualTo((ActivityStatusCode.Error, "ConnectionRefused")));
        Assert.That(Mine("sluice.connect.attempt").Single().Status, Is.EqualTo(ActivityStatusCode.Error));
    }

    [Test]
    public async Task Serving_a_connection_is_an_activity_that_the_handlers_own_are_below()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync((_, _) =>
        {
            seen.SetResult(Activity.Current?.OperationName);
            throw new InvalidOperationException("broken");
        });
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        Assert.That(await seen.Task.Soon(), Is.EqualTo("sluice.accept"));
        await Waiting.UntilAsync(() => Mine("sluice.accept").Length == 1);
        Activity accept = Mine("sluice.accept").Single();
        Assert.That((accept.Kind, accept.GetTagItem("error.type")), Is.EqualTo((ActivityKind.Server, "System.InvalidOperationException")));
        Assert.That(accept.GetTagItem("client.port"), Is.EqualTo(((System.Net.IPEndPoint)client.LocalEndPoint).Port));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_handshake_is_an_activity_on_either_side()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await Task.WhenAll(client.CloseAsync().AsTask(), server.CloseAsync().AsTask()).Soon();
        Activity[] handshakes = Mine("sluice.tls_handshake");
        Assert.That(handshakes, Has.Length.EqualTo(2));
        Assert.That(handshakes.Select(one => one.GetTagItem("tls.protocol.version")), Has.All.EqualTo("1.3"));
    }

    // Tests beside this one make activities, too.
    private Activity[] Mine(string name) => [.. _ended.Where(activity => activity.OperationName == name && activity.TraceId == _test!.TraceId)];
}
