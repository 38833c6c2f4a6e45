using System.IO.Pipelines;

namespace Sluice.Tests.Channels.Reading;

/// <summary>Copies to and from what is not a channel.</summary>
[TestFixture]
[Parallelizable]
public sealed class CopyStreamTests
{
    private const int Length = 500_000;

    [Test]
    public async Task A_channel_is_copied_to_a_stream_up_to_the_end_or_the_limit([Values(0, 1, 70_000, Length)] int limit)
    {
        ByteReadChannel input = Filled();
        var destination = new MemoryStream();
        Assert.That(await input.CopyToAsync(destination, limit).Soon(), Is.EqualTo(limit));
        Assert.That(destination.ToArray(), Is.EqualTo(Pattern.Bytes(limit, 0)));
        Assert.That(input.TotalBytesRead, Is.EqualTo(limit));
        Assert.That(await input.CopyToAsync(destination).Soon(), Is.EqualTo(Length - limit));
        Pattern.Check(destination.ToArray(), 0);
    }

    [Test]
    public async Task A_channel_is_copied_to_a_pipe_up_to_the_end_or_the_limit([Values(0, 1, 70_000, Length)] int limit)
    {
        ByteReadChannel input = Filled();
        var pipe = new Pipe();
        Task<byte[]> reading = pipe.Reader.AsByteReadChannel().ReadToEndAsync(Length).AsTask();
        Assert.That(await input.CopyToAsync(pipe.Writer, limit).Soon(), Is.EqualTo(limit));
        Assert.That(input.TotalBytesRead, Is.EqualTo(limit));
        Assert.That(await input.CopyToAsync(pipe.Writer).Soon(), Is.EqualTo(Length - limit));
        await pipe.Writer.CompleteAsync();
        Pattern.Check(await reading.Soon(), 0);
    }

    [Test]
    public async Task A_copy_to_a_pipe_ends_when_its_reader_has_completed()
    {
        ByteReadChannel input = Filled();
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        long copied = await input.CopyToAsync(pipe.Writer).Soon();
        Assert.That(copied, Is.LessThan(Length));
        Assert.That((await input.ReadToEndAsync(Length).Soon()).Length + copied, Is.EqualTo(Length));
    }

    [Test]
    public async Task A_copy_to_a_pipe_whose_flush_is_cancelled_ends_with_nothing_lost()
    {
        ByteReadChannel input = Filled();
        var pipe = new Pipe();
        Task<long> copying = input.CopyToAsync(pipe.Writer).AsTask();
        pipe.Writer.CancelPendingFlush();
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        await pipe.Writer.CompleteAsync();
        byte[] there = await pipe.Reader.AsByteReadChannel().ReadToEndAsync(Length).Soon();
        byte[] here = await input.ReadToEndAsync(Length).Soon();
        Pattern.Check([.. there, .. here], 0);
    }

    [Test]
    public async Task A_copy_that_waits_is_cancelled_by_its_token_and_refuses_another_reader()
    {
        var channel = new ByteChannel();
        using var cancellation = new CancellationTokenSource();
        Task<long> copying = channel.Reader.CopyToAsync(new MemoryStream(), cancellation.Token).AsTask();
        Assert.Throws<InvalidOperationException>(() => _ = channel.Reader.CopyToAsync(new MemoryStream()).AsTask());
        await cancellation.CancelAsync();
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        await channel.Writer.WriteByteAsync(3).Soon();
        Assert.That(await channel.Reader.ReadByteAsync().Soon(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_stream_is_copied_into_a_channel_up_to_the_end_or_the_limit([Values(0, 1, 70_000, Length)] int limit, [Values] bool autoFlush)
    {
        var channel = new ByteChannel(new ByteChannelOptions { AutoFlush = autoFlush });
        using var source = new MemoryStream(Pattern.Bytes(Length, 0));
        Task<byte[]> reading = channel.Reader.ReadExactlyAsync(limit).AsTask();
        Assert.That(await channel.Writer.CopyFromAsync(source, limit).Soon(), Is.EqualTo(limit));
        Assert.That(source.Position, Is.EqualTo(limit));
        Assert.That(channel.Writer.TotalBytesWritten, Is.EqualTo(limit));
        Assert.That(await reading.Soon(), Is.EqualTo(Pattern.Bytes(limit, 0)));
        Task<byte[]> rest = channel.Reader.ReadExactlyAsync(Length - limit).AsTask();
        Assert.That(await channel.Writer.CopyFromAsync(source).Soon(), Is.EqualTo(Length - limit));
        Pattern.Check(await rest.Soon(), limit);
    }

    [Test]
    public async Task A_copy_from_a_stream_that_fails_leaves_the_channel_open()
    {
        var channel = new ByteChannel();
        var pipe = new Pipe();
        Task<long> copying = channel.Writer.CopyFromAsync(pipe.Reader.AsStream()).AsTask();
        await pipe.Writer.WriteAsync("abc"u8.ToArray());
        Assert.That(await channel.Reader.ReadExactlyAsync(3).Soon(), Is.EqualTo("abc"u8.ToArray()));
        Assert.Throws<InvalidOperationException>(() => _ = channel.Writer.WriteByteAsync(1).AsTask());
        await pipe.Writer.CompleteAsync(new FormatException("broken"));
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<FormatException>());
        await channel.Writer.WriteByteAsync(4).Soon();
        Assert.That(await channel.Reader.ReadByteAsync().Soon(), Is.EqualTo(4));
    }

    [Test]
    public async Task A_copy_from_a_stream_into_a_channel_that_is_not_read_waits_and_is_cancelled()
    {
        var channel = new ByteChannel();
        using var cancellation = new CancellationTokenSource();
        using var source = new MemoryStream(Pattern.Bytes(Length, 0));
        Task<long> copying = channel.Writer.CopyFromAsync(source, cancellation.Token).AsTask();
        Assert.That(copying.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(channel.Writer.TotalBytesWritten, Is.EqualTo(source.Position));
    }

    [Test]
    public void What_cannot_be_read_or_written_is_refused()
    {
        var channel = new ByteChannel();
        Assert.Throws<ArgumentException>(() => _ = channel.Reader.CopyToAsync(new MemoryStream([], writable: false)).AsTask());
        Assert.Throws<ArgumentException>(() => _ = channel.Writer.CopyFromAsync(channel.Writer.AsStream()).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = channel.Reader.CopyToAsync(Stream.Null, -1).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = channel.Writer.CopyFromAsync(Stream.Null, -1).AsTask());
    }

    private static ByteReadChannel Filled()
    {
        var channel = new ByteChannel();
        _ = Task.Run(async () =>
        {
            await channel.Writer.WriteAsync(Pattern.Bytes(Length, 0));
            await channel.Writer.CompleteAsync();
        });
        return channel.Reader;
    }
}
