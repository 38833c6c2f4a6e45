using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Tests.Channels.Adapters;

// The view of a channel that is written to.
public sealed partial class PipeViewTests
{
    [Test]
    public async Task What_a_writer_is_given_leaves_when_it_is_flushed([Values] bool autoFlush)
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush);
        PipeWriter writer = output.AsPipeWriter();
        Assert.That(writer.CanGetUnflushedBytes, Is.True);
        for (int i = 0; i < 10; i++)
        {
            Pattern.Bytes(1000, i * 1000).CopyTo(writer.GetMemory(1000));
            writer.Advance(1000);
        }

        Assert.That(writer.UnflushedBytes, Is.EqualTo(10_000));
        FlushResult result = await writer.FlushAsync().Soon();
        Assert.That(result.IsCanceled || result.IsCompleted, Is.False);
        Assert.That(writer.UnflushedBytes, Is.Zero);

        byte[] got = new byte[10_000];
        await input.ReadExactlyAsync(got).Soon();
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task Writing_through_the_pipe_and_the_channel_keeps_the_order()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        await output.WriteStringAsync("one ").Soon();
        "two "u8.CopyTo(writer.GetSpan());
        writer.Advance(4);
        await output.WriteStringAsync("three ").Soon();
        await writer.WriteAsync("four\n"u8.ToArray()).Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("one two three four"));
    }

    [Test]
    public async Task Asking_for_more_memory_before_advancing_is_no_trouble()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        for (int i = 0; i < 3; i++)
        {
            writer.GetMemory(10);
            writer.GetMemory(10_000);
            Memory<byte> memory = writer.GetMemory(200_000);
            Assert.That(memory.Length, Is.GreaterThanOrEqualTo(200_000));
            "abc\n"u8.CopyTo(memory.Span);
            writer.Advance(4);
            await Task.Run(() => writer.FlushAsync().AsTask()).Soon();
            Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
        }

        // The same with something in front.
        await writer.WriteAsync("x"u8.ToArray()).Soon();
        "y"u8.CopyTo(writer.GetSpan(1));
        writer.Advance(1);
        writer.GetMemory(70_000);
        writer.GetMemory(140_000).Span[0] = (byte)'\n';
        writer.Advance(1);
        await Task.Run(() => writer.FlushAsync().AsTask()).Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("xy"));
    }

    [Test]
    public async Task Memory_that_is_asked_for_and_not_used_is_no_trouble()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        writer.GetMemory(10);
        await Task.Run(() => writer.FlushAsync().AsTask()).Soon();
        writer.GetMemory(5000);
        writer.Advance(0);
        await Task.Run(() => writer.FlushAsync().AsTask()).Soon();
        Assert.That(writer.UnflushedBytes, Is.Zero);
        await writer.WriteAsync("abc\n"u8.ToArray()).Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("abc"));

        writer.GetMemory(10);
        await writer.CompleteAsync();
        Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
    }

    [Test]
    public async Task Advancing_further_than_the_memory_goes_is_refused()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetMemory(-1));
        int length = writer.GetMemory(1).Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(length + 1));

        await writer.WriteAsync("abc\n"u8.ToArray()).Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Cancelling_a_pending_flush_ends_it_and_the_bytes_stay_on_their_way()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        Task<FlushResult> flushing = FillAsync(writer);
        Assert.That(flushing.IsCompleted, Is.False);
        writer.CancelPendingFlush();
        Assert.That((await flushing.Soon()).IsCanceled, Is.True);

        flushing = writer.FlushAsync().AsTask();
        Assert.That(flushing.IsCompleted, Is.False);
        byte[] got = new byte[FillSize];
        await input.ReadExactlyAsync(got).Soon();
        Assert.That((await flushing.Soon()).IsCanceled, Is.False);
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task Cancelling_beforehand_ends_the_next_flush()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        writer.CancelPendingFlush();
        Assert.That((await writer.WriteAsync("abc\n"u8.ToArray()).Soon()).IsCanceled, Is.True);
        Assert.That((await writer.FlushAsync().Soon()).IsCanceled, Is.False);
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Every_cancelling_ends_a_flush_whenever_it_comes()
    {
        (ByteWriteChannel output, _) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        Task<FlushResult> flushing = FillAsync(writer);
        writer.CancelPendingFlush();
        await flushing.Soon();

        var random = new Random(6);
        for (int i = 0; i < 5000; i++)
        {
            int spins = random.Next(300);
            Task cancelling = Task.Run(() =>
            {
                Thread.SpinWait(spins);
                writer.CancelPendingFlush();
            });
            Thread.SpinWait(random.Next(300));
            Assert.That((await writer.FlushAsync().Soon()).IsCanceled, Is.True);
            await cancelling;
        }
    }

    [Test]
    public async Task A_completed_writer_has_sent_all_and_told_the_peer()
    {
        (ByteWriteChannel output, ByteReadChannel input) = await ConnectWriterAsync(autoFlush: false);
        PipeWriter writer = output.AsPipeWriter();
        "abc\n"u8.CopyTo(writer.GetSpan(4));
        writer.Advance(4);
        await writer.CompleteAsync();
        await writer.CompleteAsync();

        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
        Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory());
        Assert.Throws<InvalidOperationException>(() => writer.GetSpan());
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
        Assert.That((await writer.FlushAsync().Soon()).IsCompleted, Is.False);
        Assert.ThrowsAsync<ObjectDisposedException>(() => output.WriteAsync(new byte[1]).Soon());
    }

    [Test]
    public async Task A_writer_completed_with_an_exception_resets_the_connection_so_that_the_peer_knows()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        PipeWriter writer = client.Output.AsPipeWriter();
        "def\n"u8.CopyTo(writer.GetSpan(4));
        writer.Advance(4);
        var cause = new InvalidDataException();
        await writer.CompleteAsync(cause);
        Assert.That(client.Output.UnsentBytes, Is.Zero);
        Assert.That(client.Output.CloseCause, Is.SameAs(cause));
        ObjectDisposedException failure = Assert.ThrowsAsync<ObjectDisposedException>(() => client.Output.WriteAsync(new byte[1]).Soon())!;
        Assert.That(failure.InnerException, Is.SameAs(cause));
        Assert.That(client.Socket.IsClosed, Is.True);
        Assert.ThrowsAsync<IOException>(() => server.Input.ReadLineAsync().Soon());
    }

    [Test]
    public async Task A_flush_of_a_pipe_tells_of_a_close()
    {
        (Connection client, _) = await ConnectPairAsync();
        PipeWriter writer = client.Output.AsPipeWriter();
        await client.Socket.CloseAsync().Soon();
        writer.GetMemory().Span[0] = 1;
        writer.Advance(1);
        Assert.That((await writer.FlushAsync().Soon()).IsCompleted, Is.True);
        await writer.CompleteAsync();
    }

    /// <summary>More than the kernel takes while the peer does not read, and a flush of it.</summary>
    private static Task<FlushResult> FillAsync(PipeWriter writer)
    {
        for (int done = 0; done < FillSize;)
        {
            Span<byte> span = writer.GetSpan(64 * 1024);
            int count = Math.Min(span.Length, FillSize - done);
            Pattern.Bytes(count, done).CopyTo(span);
            writer.Advance(count);
            done += count;
        }

        return writer.FlushAsync().AsTask();
    }

    private async Task<(ByteWriteChannel Output, ByteReadChannel Input)> ConnectWriterAsync(bool autoFlush)
    {
        (StreamSocket client, StreamSocket server) = await ConnectSocketsAsync(options => options.SendBufferSize = 64 * 1024);
        return (client.OpenWriteChannel(autoFlush), server.OpenReadChannel());
    }
}
