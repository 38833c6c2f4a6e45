using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sluice.Connecting;

namespace Sluice.Tests.Connecting;

/// <summary>Connecting to whichever address of a name answers first (RFC 8305).</summary>
public sealed class HappyEyeballsTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly ObservedTime _time = new();

    protected override SelectorOptions Options => new() { TimeProvider = _time };

    [TestCase("4a 4b 6a 6b", "4a 6a 4b 6b")]
    [TestCase("6a 4a 4b 4c", "6a 4a 4b 4c")]
    [TestCase("6a 6b 6c 4a", "6a 4a 6b 6c")]
    [TestCase("4a 4b", "4a 4b")]
    [TestCase("6a", "6a")]
    public void The_families_take_turns_beginning_with_that_of_the_first(string answer, string expected)
    {
        IReadOnlyList<EndPoint> order = AddressOrder.Interleave([.. answer.Split(' ').Select(Address)]);

        Assert.That(order, Is.EqualTo(expected.Split(' ').Select(Address)));

        static EndPoint Address(string name) => new IPEndPoint(IPAddress.Parse(name[0] == '4' ? $"192.0.2.{name[1] - 'a' + 1}" : $"2001:db8::{name[1]}"), 80);
    }

    [Test]
    public async Task An_address_that_keeps_quiet_is_given_the_delay_and_then_the_next_is_tried_beside_it()
    {
        using FullListener quiet = await FullListener.CreateAsync();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        int before = Descriptors.Count();

        Task<StreamSocket> connecting = Connect(options => options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(300), quiet.EndPoint, server.LocalEndPoint);
        await DelayBegunAsync();
        _time.Advance(TimeSpan.FromMilliseconds(299));
        Assert.That(connecting.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        StreamSocket client = await connecting.Soon();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));

        // The attempt that lost is gone, and so is the winner when it is closed.
        await client.CloseAsync().Soon();
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task One_that_fails_is_followed_by_the_next_at_once()
    {
        using Socket first = Peers.Silent();
        using Socket second = Peers.Silent();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        // No time passes here.
        await using StreamSocket client = await Connect(null, first.LocalEndPoint!, second.LocalEndPoint!, server.LocalEndPoint).Soon();

        Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
    }

    [Test]
    public async Task The_first_wins_all_the_same_if_it_is_there_before_the_others()
    {
        using FullListener slow = await FullListener.CreateAsync();
        using FullListener quiet = await FullListener.CreateAsync();

        Task<StreamSocket> connecting = Connect(null, slow.EndPoint, quiet.EndPoint);
        await DelayBegunAsync();
        _time.Advance(StreamSocketOptions.DefaultConnectionAttemptDelay);
        await slow.AcceptAsync();

        await using StreamSocket client = await connecting.Soon();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(slow.EndPoint));
    }

    [Test]
    public async Task When_none_accepts_the_error_tells_of_each()
    {
        using Socket first = Peers.Silent();
        using Socket second = Peers.Silent();
        var elsewhere = new IPEndPoint(IPAddress.IPv6Loopback, ((IPEndPoint)first.LocalEndPoint!).Port);

        // The IPv6 address is not tried from an IPv4 one, which says nothing of the others.
        Exception? failure = await Connect(
            options => options.LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0), first.LocalEndPoint!, elsewhere, second.LocalEndPoint!).OutcomeAsync();

        ConnectException exception = failure as ConnectException ?? throw new AssertionException($"{failure}");
        Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        Assert.That(exception.Attempts.Select(attempt => attempt.EndPoint), Is.EqualTo(new[] { first.LocalEndPoint, elsewhere, second.LocalEndPoint }));
        Assert.That(
            exception.Attempts.Select(attempt => attempt.Error.SocketErrorCode),
            Is.EqualTo(new[] { SocketError.ConnectionRefused, SocketError.AddressFamilyNotSupported, SocketError.ConnectionRefused }));
        Assert.That(exception.Message, Does.Contain($"{first.LocalEndPoint}").And.Contain($"{elsewhere}: the local end point").And.Contain($"{second.LocalEndPoint}"));
    }

    [Test]
    public async Task A_token_that_is_cancelled_ends_every_attempt_and_frees_its_descriptor()
    {
        using FullListener first = await FullListener.CreateAsync();
        using FullListener second = await FullListener.CreateAsync();
        using FullListener third = await FullListener.CreateAsync();
        int before = Descriptors.Count();
        using var cancellation = new CancellationTokenSource();

        Task<StreamSocket> connecting = Selector.Tcp()
            .ConnectAsync([first.EndPoint, second.EndPoint, third.EndPoint], new StreamSocketOptions(), cancellation.Token).AsTask();
        for (int i = 0; i < 2; i++)
        {
            await DelayBegunAsync(i);
            _time.Advance(StreamSocketOptions.DefaultConnectionAttemptDelay);
        }

        await Waiting.UntilAsync(() => IsAsking(first) && IsAsking(second) && IsAsking(third));
        await cancellation.CancelAsync();

        OperationCanceledException exception = Assert.CatchAsync<OperationCanceledException>(async () => await connecting.WaitAsync(Waiting.AtOnce))!;
        Assert.That(exception.CancellationToken, Is.EqualTo(cancellation.Token));
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
        Assert.That(IsAsking(first) || IsAsking(second) || IsAsking(third), Is.False);
    }

    [Test]
    public async Task The_connect_timeout_ends_every_attempt_and_tells_what_had_failed_by_then()
    {
        using Socket refusing = Peers.Silent();
        using FullListener quiet = await FullListener.CreateAsync();
        int before = Descriptors.Count();

        Task<StreamSocket> connecting = Connect(options => options.ConnectTimeout = TimeSpan.FromSeconds(3), refusing.LocalEndPoint!, quiet.EndPoint);
        await Waiting.UntilAsync(() => IsAsking(quiet));
        _time.Advance(TimeSpan.FromSeconds(3));

        Exception? failure = await connecting.OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<TimeoutException>());
        Assert.That(failure!.Message, Does.Contain("3 s"));
        ConnectException soFar = failure.InnerException as ConnectException ?? throw new AssertionException($"{failure}");
        Assert.That(soFar.Attempts.Single().EndPoint, Is.EqualTo(refusing.LocalEndPoint));
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task The_connect_timeout_holds_for_a_single_address()
    {
        using FullListener quiet = await FullListener.CreateAsync();
        int before = Descriptors.Count();

        int timers = _time.Timers;
        Task<StreamSocket> connecting = Selector.Tcp().ConnectAsync(quiet.EndPoint, options => options.ConnectTimeout = TimeSpan.FromSeconds(3)).AsTask();
        await Waiting.UntilAsync(() => _time.Timers > timers);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.That(connecting.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Exception? failure = await connecting.OutcomeAsync();
        Assert.That(failure, Is.InstanceOf<TimeoutException>());
        Assert.That(failure!.Message, Does.Contain($"{quiet.EndPoint}").And.Contain("3 s"));
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task A_manager_that_is_disposed_ends_every_attempt()
    {
        using FullListener first = await FullListener.CreateAsync();
        using FullListener second = await FullListener.CreateAsync();
        await using SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = _time });

        Task<StreamSocket> connecting = selector.Tcp().ConnectAsync([first.EndPoint, second.EndPoint], new StreamSocketOptions(), default).AsTask();
        await DelayBegunAsync();
        _time.Advance(StreamSocketOptions.DefaultConnectionAttemptDelay);
        await selector.DisposeAsync().Soon();

        Assert.That(await connecting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_loser_that_connects_all_the_same_is_closed([Values(true, false)] bool isCancelled)
    {
        await using ServerSocket slow = await Selector.Tcp().BindAsync("127.0.0.1");
        await using ServerSocket quick = await Selector.Tcp().BindAsync("127.0.0.1");
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new DelayingEngine(Selector.Sockets, endPoint => endPoint.Equals(slow.LocalEndPoint) ? late.Task : Task.CompletedTask);
        using var cancellation = new CancellationTokenSource();
        EndPoint[] endPoints = isCancelled ? [slow.LocalEndPoint] : [slow.LocalEndPoint, quick.LocalEndPoint];

        Task<Sluice.Engine.StreamTransport> running = new ConnectRace(engine, slow.LocalEndPoint, endPoints, new StreamSocketOptions()).RunAsync(cancellation.Token);
        if (isCancelled)
        {
            await cancellation.CancelAsync();
            late.SetResult();
            await running.OutcomeAsync();
        }
        else
        {
            await DelayBegunAsync(0, deadlines: 0);
            _time.Advance(StreamSocketOptions.DefaultConnectionAttemptDelay);
            (await running.Soon()).Close();
            late.SetResult();
        }

        await using StreamSocket accepted = await slow.AcceptAsync().Soon();
        if (running.IsCompletedSuccessfully && isCancelled)
        {
            // It won before anybody looked at the token.
            (await running).Close();
        }

        Assert.That(await accepted.OpenReadChannel().ReadToEndAsync(1).Soon(), Is.Empty);
    }

    [Test]
    public async Task However_attempts_and_a_cancellation_fall_together_no_connection_is_left_behind()
    {
        await using ServerSocket first = await Selector.Tcp().BindAsync("127.0.0.1");
        await using ServerSocket second = await Selector.Tcp().BindAsync("127.0.0.1");
        int ended = 0;
        Task[] serving = [.. new[] { first, second }.Select(server => server.ServeAsync(async (connection, token) =>
        {
            await connection.Input.SkipAsync(1, token);
            Interlocked.Increment(ref ended);
        }))];
        int made = 0;
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            int spin = random.Next(0, 20_000);
            int spinCancel = random.Next(0, 40_000);
            var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var engine = new DelayingEngine(Selector.Sockets, _ => late.Task, () => Interlocked.Increment(ref made));
            using var cancellation = new CancellationTokenSource();
            Task<Sluice.Engine.StreamTransport> running = new ConnectRace(engine, first.LocalEndPoint, [first.LocalEndPoint, second.LocalEndPoint], new StreamSocketOptions())
                .RunAsync(cancellation.Token);
            _time.Advance(StreamSocketOptions.DefaultConnectionAttemptDelay);
            await Task.WhenAll(
                Task.Run(() =>
                {
                    Thread.SpinWait(spin);
                    late.SetResult();
                }),
                Task.Run(() =>
                {
                    Thread.SpinWait(spinCancel);
                    cancellation.Cancel();
                }));
            if (await running.OutcomeAsync() is null)
            {
                (await running).Close();
            }
        }

        // Each connection that was made has ended, whichever attempt won.
        await Waiting.UntilAsync(() => Volatile.Read(ref made) > 0 && Volatile.Read(ref ended) == Volatile.Read(ref made));
        await Task.WhenAll(first.StopAsync(TimeSpan.Zero), second.StopAsync(TimeSpan.Zero)).Soon();
        await Task.WhenAll(serving).Soon();
    }

    [Test]
    public void The_bounds_of_the_options_are_those_of_the_RFC()
    {
        var options = new StreamSocketOptions();

        Assert.Catch<ArgumentOutOfRangeException>(() => options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(9));
        Assert.Catch<ArgumentOutOfRangeException>(() => options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(2001));
        Assert.Catch<ArgumentOutOfRangeException>(() => options.ConnectTimeout = TimeSpan.Zero);
        Assert.Catch<ArgumentOutOfRangeException>(() => options.ConnectTimeout = TimeSpan.FromDays(25));
        options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(10);
        options.ConnectionAttemptDelay = TimeSpan.FromSeconds(2);
        options.ConnectTimeout = Timeout.InfiniteTimeSpan;
    }

    private Task<StreamSocket> Connect(Action<StreamSocketOptions>? configure, params EndPoint[] endPoints)
    {
        var options = new StreamSocketOptions();
        configure?.Invoke(options);
        return Selector.Tcp().ConnectAsync(endPoints, options, CancellationToken.None).AsTask();
    }

    // Whether there is a socket that waits for this listener.
    private static bool IsAsking(FullListener listener) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Any(connection => connection.State == TcpState.SynSent && connection.RemoteEndPoint.Equals(listener.EndPoint));

    // The timers of a race: that of all of it, and one for each delay.
    private Task DelayBegunAsync(int earlier = 0, int deadlines = 1) => Waiting.UntilAsync(() => _time.Timers >= deadlines + earlier + 1);
}
