using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Sockets;

/// <summary>What a connection says of its ends, and how its time-outs work: in memory as on a socket.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class MemoryPairTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly ObservedTime _time = new();

    [Test]
    public async Task A_connection_names_its_ends()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Assert.That(client.LocalEndPoint, Is.EqualTo(client.Socket.LocalEndPoint).And.EqualTo(server.RemoteEndPoint));
        Assert.That(client.RemoteEndPoint, Is.EqualTo(client.Socket.RemoteEndPoint).And.EqualTo(server.LocalEndPoint));
        await server.CloseAsync().Soon();
        Assert.That(server.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task In_memory_they_have_names_of_their_own()
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair();
        Assert.That(first.LocalEndPoint, Is.SameAs(second.RemoteEndPoint));
        Assert.That(first.RemoteEndPoint, Is.SameAs(second.LocalEndPoint));
        Assert.That(first.LocalEndPoint.ToString(), Does.Match("^memory:[0-9]+/first$"));
        Assert.That(first.RemoteEndPoint.ToString(), Does.Match("^memory:[0-9]+/second$"));
        (Connection other, _) = ByteChannel.CreateConnectedPair();
        Assert.That(other.LocalEndPoint, Is.Not.EqualTo(first.LocalEndPoint));
        Assert.That(other.LocalEndPoint.ToString(), Is.Not.EqualTo(first.LocalEndPoint.ToString()));
        await first.CloseAsync().Soon();
        Assert.That(first.LocalEndPoint, Is.SameAs(second.RemoteEndPoint));
    }

    [Test]
    public async Task Or_those_that_the_options_say()
    {
        var client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4711);
        var server = new DnsEndPoint("server.example", 80);
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair(
            new ByteChannelOptions { FirstEndPoint = client, SecondEndPoint = server });
        Assert.That((first.LocalEndPoint, first.RemoteEndPoint), Is.EqualTo((client, server)));
        Assert.That((second.LocalEndPoint, second.RemoteEndPoint), Is.EqualTo((server, client)));

        // Under TLS as well, and for a handler that greets its peer by name.
        Task<Connection> serving = second.UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection secured = await first.UpgradeToTlsClientAsync(Trusting()).Soon();
        Connection handled = await serving.Soon();
        await handled.Output.WriteLineAsync($"hello {handled.RemoteEndPoint}").Soon();
        Assert.That(await secured.Input.ReadLineAsync().Soon(), Is.EqualTo("hello 192.0.2.1:4711"));
    }

    [Test]
    public async Task A_read_times_out_by_the_clock_that_was_given_and_loses_nothing([Values] bool tls)
    {
        (Connection first, Connection second) = await ConnectAsync(tls);
        Task<byte[]> reading = first.Input.ReadExactlyAsync(6).AsTask();
        await second.Output.WriteStringAsync("abc").Soon();
        await Waiting.UntilAsync(() => first.Input.AvailableForRead == 3);
        for (int i = 0; i < 9; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // Waits out a time-out that comes too early.
        await Task.Delay(50);
        Assert.That(reading.IsCompleted, Is.False);
        Check(await PassAsync(reading), $"Reading from {second.LocalEndPoint}: ");
        await second.Output.WriteStringAsync("def").Soon();
        Assert.That(await first.Input.ReadExactlyAsync(6).Soon(), Is.EqualTo("abcdef"u8.ToArray()));
    }

    [Test]
    public async Task A_write_times_out_by_the_clock_that_was_given_and_the_channel_stays_usable([Values] bool tls)
    {
        (Connection first, Connection second) = await ConnectAsync(tls);
        Flood flood = await Flood.UntilStalledAsync(first.Output);
        Check(await PassAsync(flood.Writing), $"Writing to {second.LocalEndPoint}: ");
        if (!tls)
        {
            Pattern.Check(await second.Input.ReadExactlyAsync((int)flood.Accepted).Soon(), 0);
            await first.Output.WriteLineAsync("more").Soon();
            Assert.That(await second.Input.ReadLineAsync().Soon(), Is.EqualTo("more"));
        }
    }

    [Test]
    public async Task A_call_that_blocks_times_out_by_the_clock_that_was_given()
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { TimeProvider = _time });
        Stream stream = first.AsStream();
        stream.ReadTimeout = 10_000;
        Task reading = Task.Factory.StartNew(() => stream.ReadByte(), TaskCreationOptions.LongRunning);
        await Waiting.UntilAsync(() => _time.Timers > 0);
        _time.Advance(TimeSpan.FromSeconds(9.9));

        // Waits out a time-out that comes too early.
        await Task.Delay(50);
        Assert.That(reading.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Exception? failure = await reading.OutcomeAsync();
        Assert.That(failure!.Message, Does.StartWith($"Reading from {second.LocalEndPoint}: "));
        Assert.That((failure?.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.TimedOut));
        await second.Output.WriteByteAsync(7).Soon();
        Assert.That(await Task.Run(stream.ReadByte).Soon(), Is.EqualTo(7));
    }

    [Test]
    public async Task A_channel_by_itself_has_the_same_time_outs()
    {
        var channel = new ByteChannel(new ByteChannelOptions { SocketTimeout = s_timeout, TimeProvider = _time, Capacity = 10 });
        Check(await PassAsync(channel.Reader.ReadByteAsync().AsTask()), "Reading");
        Flood flood = await Flood.UntilStalledAsync(channel.Writer);
        Check(await PassAsync(flood.Writing), "Writing");
        Pattern.Check(await channel.Reader.ReadExactlyAsync((int)flood.Accepted).Soon(), 0);
    }

    [Test]
    public async Task Closing_waits_by_the_clock_that_was_given([Values] bool tls)
    {
        (Connection first, Connection second) = await ConnectAsync(tls);
        Flood flood = await Flood.UntilStalledAsync(first.Output);
        int timers = _time.Timers;
        Task closing = first.CloseAsync().AsTask();
        Assert.That(await flood.Writing.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        await Waiting.UntilAsync(() => _time.Timers > timers);
        Assert.That(closing.IsCompleted, Is.False);
        _time.Advance(s_timeout);
        await closing.Soon();
        var failure = (IOException)(await second.Input.CopyToAsync(Stream.Null).OutcomeAsync())!;
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task An_output_that_ends_with_a_cause_resets_the_peer()
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair();
        Task<Exception?> writing = (await Flood.UntilStalledAsync(second.Output)).Writing.OutcomeAsync();
        await first.Output.CompleteAsync(new InvalidOperationException("boom"));
        Exception read = (await second.Input.ReadByteAsync().OutcomeAsync())!;
        foreach (Exception failure in new[] { read, (await writing.Soon())! })
        {
            Assert.That(failure, Is.TypeOf<IOException>(), $"{failure}");
            Assert.That((failure.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset), $"{failure}");
            Assert.That(second.IsPeerFault(failure), $"{failure}");
        }

        Assert.That(read.Message, Does.StartWith($"Reading from {first.LocalEndPoint}: ").And.EndWith("boom"));
    }

    [Test]
    public async Task A_full_outbox_that_disconnects_says_so_in_memory_and_on_a_socket([Values] bool memory)
    {
        (Connection first, _) = memory ? ByteChannel.CreateConnectedPair() : await ConnectPairAsync();
        first.OutboxOptions = new OutboxOptions { FullMode = OutboxFullMode.Disconnect, Capacity = 1000 };
        byte[] message = new byte[1000];
        Task<Exception?> reading = first.Input.ReadByteAsync().OutcomeAsync();
        while (first.Outbox.Post(message))
        {
        }

        foreach (Exception? failure in new[] { await reading.Soon(), await Task.Run(() => first.Output.WriteByteAsync(1).AsTask()).OutcomeAsync() })
        {
            Assert.That(failure, Is.TypeOf<ObjectDisposedException>());
            Assert.That(failure!.Message, Does.Contain($"{first.RemoteEndPoint} was aborted because its outbox was full"));
        }
    }

    [Test]
    public void Time_outs_have_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { SocketTimeout = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { SocketTimeout = TimeSpan.FromDays(100) });
        Assert.Throws<ArgumentNullException>(() => _ = new ByteChannelOptions { TimeProvider = null! });
        Assert.That(new ByteChannelOptions().SocketTimeout, Is.EqualTo(Timeout.InfiniteTimeSpan));
    }

    private static void Check(Exception? failure, string doing)
    {
        Assert.That(failure, Is.InstanceOf<IOException>().With.InnerException.InstanceOf<TimeoutException>());
        Assert.That(failure!.Message, Does.Contain(doing));
    }

    // Lets time pass until the call has ended, which takes the time-out and a quarter at most.
    private async Task<Exception?> PassAsync(Task call)
    {
        var passed = TimeSpan.Zero;
        while (!call.IsCompleted && passed < 10 * s_timeout)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            passed += TimeSpan.FromSeconds(1);

            // The time-out ends the call on another thread.
            await Task.WhenAny(call, Task.Delay(20));
        }

        return await call.OutcomeAsync();
    }

    private async Task<(Connection First, Connection Second)> ConnectAsync(bool tls)
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair(
            new ByteChannelOptions { SocketTimeout = s_timeout, TimeProvider = _time, CloseTimeout = s_timeout });
        if (!tls)
        {
            return (first, second);
        }

        Task<Connection> serving = second.UpgradeToTlsServerAsync(Serving()).AsTask();
        return (await first.UpgradeToTlsClientAsync(Trusting()).Soon(), await serving.Soon());
    }
}
