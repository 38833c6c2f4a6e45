using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Channels.InMemory;

/// <summary>The pipe in memory, and two connections over two of them.</summary>
[TestFixture]
[Parallelizable]
public sealed class ByteChannelTests
{
    [Test]
    public async Task What_is_written_is_read([Values(1, 7, 4096, int.MaxValue)] int fragment, [Values(1, 1000, 65_536)] int capacity)
    {
        const int length = 300_000;
        var channel = new ByteChannel(new ByteChannelOptions { MaxFragment = fragment, Capacity = capacity });
        Task writing = Task.Run(async () =>
        {
            for (int at = 0; at < length; at += 10_000)
            {
                await channel.Writer.WriteAsync(Pattern.Bytes(10_000, at));
            }

            await channel.Writer.CompleteAsync();
        });
        Pattern.Check(await channel.Reader.ReadExactlyAsync(length).Soon(), 0);
        Assert.That(await channel.Reader.IsExhaustedAsync().Soon(), Is.True);
        await writing.Soon();
        Assert.That(channel.Writer.TotalBytesWritten, Is.EqualTo(length));
        Assert.That(channel.Reader.TotalBytesRead, Is.EqualTo(length));
    }

    [Test]
    public async Task A_receive_brings_no_more_than_a_fragment()
    {
        var channel = new ByteChannel(new ByteChannelOptions { MaxFragment = 3 });
        await channel.Writer.WriteAsync(Pattern.Bytes(8, 0)).Soon();
        byte[] buffer = new byte[100];
        var sizes = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            sizes.Add(await channel.Reader.ReadAsync(buffer).Soon());
        }

        Assert.That(sizes, Is.EqualTo((int[])[3, 3, 2]));
    }

    [Test]
    public async Task Without_auto_flush_nothing_arrives_before_the_flush()
    {
        var channel = new ByteChannel(new ByteChannelOptions { AutoFlush = false });
        await channel.Writer.WriteStringAsync("text").Soon();
        Assert.That(channel.Reader.TryRead(new byte[10], out _), Is.False);
        await channel.Writer.FlushAsync().Soon();
        Assert.That(channel.Reader.TryRead(new byte[10], out int count), Is.True);
        Assert.That(count, Is.EqualTo(4));
    }

    [Test]
    public async Task A_writer_whose_reader_does_not_read_is_suspended_at_the_bound_and_goes_on_when_there_is_room()
    {
        const int capacity = 1000;
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = capacity });
        Flood flood = await Flood.UntilStalledAsync(channel.Writer, blockSize: 100);
        Assert.That(channel.Writer.TotalBytesWritten, Is.InRange(ByteWriteChannel.HighWaterMark, ByteWriteChannel.HighWaterMark + capacity));
        Pattern.Check(await channel.Reader.ReadExactlyAsync(200_000).Soon(), 0);
        await flood.CancelAsync();
        Assert.That(await flood.Writing.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_flush_completes_when_the_pipe_has_taken_the_bytes_and_not_before()
    {
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = 10, AutoFlush = false });
        await channel.Writer.WriteAsync(new byte[11]).Soon();
        Task flushing = channel.Writer.FlushAsync().AsTask();
        Assert.That(flushing.IsCompleted, Is.False);
        await channel.Reader.ReadByteAsync().Soon();
        await flushing.Soon();
    }

    [Test]
    public async Task A_reader_that_cancels_ends_the_writer_with_its_cause()
    {
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = 10 });
        Flood flood = await Flood.UntilStalledAsync(channel.Writer);
        var cause = new FormatException("enough");
        channel.Reader.Cancel(cause);
        var failure = (IOException)(await flood.Writing.OutcomeAsync())!;
        Assert.That(failure.InnerException, Is.SameAs(cause));
        Assert.That(channel.Writer.CloseCause!.InnerException, Is.SameAs(cause));
        Assert.That(await Waiting.FailureAsync(() => channel.Writer.WriteByteAsync(1)), Is.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_reader_that_has_gone_without_a_cause_is_a_reset_to_the_writer()
    {
        var channel = new ByteChannel();
        channel.Reader.Cancel();
        await Waiting.FailureAsync(() => channel.Writer.WriteByteAsync(1));
        var failure = (IOException)(await Waiting.FailureAsync(() => channel.Writer.FlushAsync()))!;
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task Options_have_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { Capacity = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { MaxFragment = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { CloseTimeout = TimeSpan.FromTicks(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { CloseTimeout = Timeout.InfiniteTimeSpan });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ByteChannelOptions { CloseTimeout = TimeSpan.FromDays(60) });
        await Task.CompletedTask;
    }

    [Test]
    public async Task A_pair_talks_both_ways_and_each_direction_ends_by_itself([Values(1, int.MaxValue)] int fragment)
    {
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { MaxFragment = fragment });
        Task serving = Task.Run(async () =>
        {
            await foreach (string line in server.Input.ReadLinesAsync())
            {
                await server.Output.WriteLineAsync("echo " + line);
            }

            await server.Output.WriteLineAsync("bye");
            await server.Output.CompleteAsync();
        });
        await client.Output.WriteLineAsync("one").Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("echo one"));
        await client.Output.WriteLineAsync("two").Soon();
        await client.Output.CompleteAsync().Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("echo two"));
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("bye"));
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.Null);
        await serving.Soon();
        Assert.Throws<InvalidOperationException>(() => _ = client.Socket);
    }

    [Test]
    public async Task Closing_one_end_delivers_what_was_written_and_ends_what_waits_on_it()
    {
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair();
        Task<string?> reading = client.Input.ReadLineAsync().AsTask();
        await client.Output.WriteStringAsync("last words").Soon();
        await client.CloseAsync().Soon();
        await client.DisposeAsync().Soon();
        Assert.That(await reading.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(Encoding.UTF8.GetString(await server.Input.ReadToEndAsync(100).Soon()), Is.EqualTo("last words"));
        Assert.That(await Waiting.FailureAsync(() => client.Output.WriteByteAsync(1)), Is.InstanceOf<ObjectDisposedException>());
        Assert.Throws<ObjectDisposedException>(() => _ = client.Input.ReadByteAsync().AsTask());
    }

    [Test]
    public async Task Closing_waits_for_a_peer_that_does_not_read_no_longer_than_it_should()
    {
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair(
            new ByteChannelOptions { Capacity = 10, CloseTimeout = TimeSpan.FromMilliseconds(100) });
        await client.Output.WriteAsync(new byte[1000]).Soon();
        await client.CloseAsync().Soon();
        var failure = (IOException)(await server.Input.ReadToEndAsync(2000).OutcomeAsync())!;
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task Aborting_one_end_is_a_reset_to_the_other()
    {
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair();
        await client.Output.WriteStringAsync("lost").Soon();
        Task<string?> reading = client.Input.ReadLineAsync().AsTask();
        client.Abort();
        client.Abort();
        Assert.That(await reading.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await server.Input.ReadLineAsync().OutcomeAsync(), Is.InstanceOf<IOException>());
        await Waiting.FailureAsync(() => server.Output.WriteByteAsync(1));
        Assert.That(await Waiting.FailureAsync(() => server.Output.FlushAsync()), Is.InstanceOf<IOException>());
        await client.CloseAsync().Soon();
    }
}
