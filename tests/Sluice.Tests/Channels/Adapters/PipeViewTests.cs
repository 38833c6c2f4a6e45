using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>What <see cref="PipeReader"/> and <see cref="PipeWriter"/> promise holds for a channel's faces.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PipeViewTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_view_of_a_pipe_is_the_same_object_each_time()
    {
        (Connection client, _) = await ConnectPairAsync();
        PipeReader reader = client.Input.AsPipeReader();
        PipeWriter writer = client.Output.AsPipeWriter();
        IDuplexPipe pipe = client.AsDuplexPipe();
        Assert.That(client.Input.AsPipeReader(), Is.SameAs(reader));
        Assert.That(client.Output.AsPipeWriter(), Is.SameAs(writer));
        Assert.That(client.AsDuplexPipe(), Is.SameAs(pipe));
        Assert.That(pipe.Input, Is.SameAs(reader));
        Assert.That(pipe.Output, Is.SameAs(writer));
    }

    [Test]
    public async Task What_was_examined_and_not_consumed_comes_again_with_more()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        await client.Output.WriteStringAsync("abc").Soon();
        ReadResult result = await reader.ReadAtLeastAsync(3).Soon();
        Assert.That(Text(result), Is.EqualTo("abc"));
        reader.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);

        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        await client.Output.WriteStringAsync("d").Soon();
        Assert.That(Text(await reading.Soon()), Is.EqualTo("bcd"));
    }

    [Test]
    public async Task What_was_not_examined_comes_again_at_once()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        await client.Output.WriteStringAsync("abc").Soon();
        ReadResult result = await reader.ReadAtLeastAsync(3).Soon();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(2));

        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        Assert.That(reading.IsCompletedSuccessfully, Is.True);
        Assert.That(Text(await reading), Is.EqualTo("abc"));
        reader.AdvanceTo((await reading).Buffer.GetPosition(1));
        Assert.That(Text(await reader.ReadAsync().Soon()), Is.EqualTo("bc"));
    }

    [Test]
    public async Task What_came_with_a_read_of_the_channel_is_new_to_the_pipe([Values] bool ofAView)
    {
        (Connection client, ByteReadChannel input, PipeReader reader) = await ConnectExaminedAsync(ofAView);

        // One piece, so that the line read receives more than the line.
        await client.Output.WriteStringAsync("\ndef").Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("abc"));
        Assert.That(Text(await reader.ReadAsync().Soon()), Is.EqualTo("def"));
    }

    [Test]
    public async Task What_a_cancelled_exact_read_put_back_is_new_to_the_pipe()
    {
        (Connection client, ByteReadChannel input, PipeReader reader) = await ConnectExaminedAsync(ofAView: false);
        await client.Output.WriteStringAsync("d").Soon();
        await client.Output.CompleteAsync().Soon();
        Assert.ThrowsAsync<EndOfStreamException>(() => input.ReadExactlyAsync(new byte[5000]).Soon());
        Assert.That(Text(await reader.ReadAsync().Soon()), Is.EqualTo("abcd"));
    }

    [Test]
    public async Task The_last_bytes_and_the_end_are_told_and_the_end_as_often_as_one_asks()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        await client.Output.WriteStringAsync("abc").Soon();
        await client.Output.CompleteAsync().Soon();

        ReadResult result = await reader.ReadAtLeastAsync(4).Soon();
        Assert.That(result.IsCompleted, Is.True);
        Assert.That(Text(result), Is.EqualTo("abc"));
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        for (int i = 0; i < 2; i++)
        {
            result = await reader.ReadAsync().Soon();
            Assert.That(result.IsCompleted, Is.True);
            Assert.That(Text(result), Is.EqualTo("abc"));
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        result = await reader.ReadAsync().Soon();
        reader.AdvanceTo(result.Buffer.End);
        result = await reader.ReadAsync().Soon();
        Assert.That(result.IsCompleted && result.Buffer.IsEmpty, Is.True);
        reader.AdvanceTo(result.Buffer.End);
        Assert.That(reader.TryRead(out result), Is.True);
        Assert.That(result.IsCompleted && result.Buffer.IsEmpty, Is.True);
    }

    [Test]
    public async Task Reading_at_least_so_many_waits_for_them()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        Task<ReadResult> reading = reader.ReadAtLeastAsync(10_000).AsTask();
        for (int i = 0; i < 9; i++)
        {
            await client.Output.WriteAsync(Pattern.Bytes(1000, i * 1000)).Soon();
            Assert.That(reading.IsCompleted, Is.False);
        }

        await client.Output.WriteAsync(Pattern.Bytes(1000, 9000)).Soon();
        ReadResult result = await reading.Soon();
        Assert.That(result.IsCompleted || result.IsCanceled, Is.False);
        Pattern.Check(result.Buffer.ToArray(), 0);
        Assert.That(result.Buffer.Length, Is.EqualTo(10_000));
    }

    [Test]
    public async Task Trying_to_read_gives_nothing_while_nothing_is_there_and_holds_up_no_write()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        Assert.That(reader.TryRead(out _), Is.False);
        Assert.That(reader.TryRead(out _), Is.False);
        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        await client.Output.WriteStringAsync("abc").Soon();
        ReadResult result = await reading.Soon();
        reader.AdvanceTo(result.Buffer.End);

        await client.Output.WriteStringAsync("d").Soon();
        while (!reader.TryRead(out result) || result.Buffer.IsEmpty)
        {
            await Task.Yield();
        }

        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        Assert.That(reader.TryRead(out _), Is.False, "all of it was examined");
    }

    [Test]
    public async Task Cancelling_ends_the_pending_read_and_no_other()
    {
        (Connection client, _, PipeReader reader) = await ConnectExaminedAsync(ofAView: false);
        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        reader.CancelPendingRead();
        ReadResult result = await reading.Soon();
        Assert.That(result.IsCanceled, Is.True);
        Assert.That(Text(result), Is.EqualTo("abc"));
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

        reading = reader.ReadAsync().AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        await client.Output.WriteStringAsync("d").Soon();
        result = await reading.Soon();
        Assert.That(result.IsCanceled, Is.False);
        Assert.That(Text(result), Is.EqualTo("abcd"));
    }

    [Test]
    public async Task Cancelling_beforehand_ends_the_next_read()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        reader.CancelPendingRead();
        ReadResult result = await reader.ReadAsync().Soon();
        Assert.That(result.IsCanceled, Is.True);
        Assert.That(result.Buffer.IsEmpty, Is.True);
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

        await client.Output.WriteStringAsync("abc").Soon();
        result = await reader.ReadAtLeastAsync(3).Soon();
        Assert.That(result.IsCanceled, Is.False);
        Assert.That(Text(result), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Every_cancelling_ends_a_read_whenever_it_comes()
    {
        (_, PipeReader reader) = await ConnectReaderAsync();
        var random = new Random(5);
        for (int i = 0; i < 5000; i++)
        {
            int spins = random.Next(300);
            Task cancelling = Task.Run(() =>
            {
                Thread.SpinWait(spins);
                reader.CancelPendingRead();
            });
            Thread.SpinWait(random.Next(300));
            ReadResult result = await reader.ReadAsync().Soon();
            Assert.That(result.IsCanceled, Is.True);
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            await cancelling;
        }
    }

    [Test]
    public async Task A_cancelled_token_ends_a_read_and_the_next_goes_on()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        using var cancellation = new CancellationTokenSource();
        Task<ReadResult> reading = reader.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.That(Assert.CatchAsync<OperationCanceledException>(() => reading.Soon())!.CancellationToken, Is.EqualTo(cancellation.Token));

        await client.Output.WriteStringAsync("abc").Soon();
        Assert.That(Text(await reader.ReadAtLeastAsync(3).Soon()), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Advancing_out_of_turn_is_refused()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(default));

        await client.Output.WriteStringAsync("abc").Soon();
        ReadResult result = await reader.ReadAtLeastAsync(3).Soon();
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(result.Buffer.End, result.Buffer.Start));
        reader.AdvanceTo(result.Buffer.Start);
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(result.Buffer.Start));
        Assert.That(Text(await reader.ReadAsync().Soon()), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Advancing_while_a_read_is_pending_is_refused_and_does_not_disturb_it()
    {
        (Connection client, PipeReader reader) = await ConnectReaderAsync();
        await client.Output.WriteStringAsync("abc").Soon();
        ReadResult result = await reader.ReadAtLeastAsync(3).Soon();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(result.Buffer.End));
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));

        await client.Output.WriteStringAsync("d").Soon();
        result = await reading.Soon();
        Assert.That(Text(result), Is.EqualTo("abcd"));
        reader.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task From_a_read_until_its_advance_no_other_can_read()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        PipeReader reader = server.Input.AsPipeReader();
        await client.Output.WriteStringAsync("abc\n").Soon();
        ReadResult result = await reader.ReadAtLeastAsync(4).Soon();

        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadAsync(new byte[1]).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadExactlyAsync(new byte[1]).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = server.Input.ReadLineAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = reader.ReadAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));

        Assert.That(Text(result), Is.EqualTo("abc\n"));
        reader.AdvanceTo(result.Buffer.GetPosition(1));
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("bc"));
    }

    [Test]
    public async Task What_was_read_stays_valid_until_the_advance_although_the_socket_is_closed()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        PipeReader reader = server.Input.AsPipeReader();
        await client.Output.WriteAsync(Pattern.Bytes(10_000)).Soon();
        ReadResult result = await reader.ReadAtLeastAsync(10_000).Soon();
        await server.Socket.CloseAsync().Soon();

        // Were the memory given back, these would get it.
        byte[][] rented = [.. Enumerable.Range(0, 50).Select(_ => ArrayPool<byte>.Shared.Rent(8192))];
        foreach (byte[] array in rented)
        {
            Array.Clear(array);
        }

        Pattern.Check(result.Buffer.ToArray(), 0);
        reader.AdvanceTo(result.Buffer.End);
        Assert.ThrowsAsync<ObjectDisposedException>(() => reader.ReadAsync().Soon());
        foreach (byte[] array in rented)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    [Test]
    public async Task A_completed_reader_reads_no_more_nor_does_its_channel([Values] bool afterRead)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        PipeReader reader = server.Input.AsPipeReader();
        await client.Output.WriteStringAsync("abc").Soon();
        if (afterRead)
        {
            await reader.ReadAtLeastAsync(3).Soon();
        }

        await reader.CompleteAsync();
        await reader.CompleteAsync();
        Assert.Throws<InvalidOperationException>(() => _ = reader.ReadAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = reader.ReadAtLeastAsync(1).AsTask());
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(default));
        Assert.Throws<ObjectDisposedException>(() => _ = server.Input.ReadAsync(new byte[1]).AsTask());

        await server.Output.WriteStringAsync("writing goes on\n").Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("writing goes on"));
    }

    [Test]
    public async Task Completing_the_reader_ends_a_read_that_is_pending()
    {
        (_, PipeReader reader) = await ConnectReaderAsync();
        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        await reader.CompleteAsync();
        Assert.That(await reading.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

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

    private const int FillSize = 16 * 1024 * 1024;

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

    private static string Text(ReadResult result) => Encoding.UTF8.GetString(result.Buffer);

    private async Task<(Connection Peer, PipeReader Reader)> ConnectReaderAsync()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        return (client, server.Input.AsPipeReader());
    }

    /// <summary>A reader that has examined all that has come, which is "abc", and taken none of it.</summary>
    private async Task<(Connection Peer, ByteReadChannel Input, PipeReader Reader)> ConnectExaminedAsync(bool ofAView)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        PipeReader reader = (ofAView ? server.Input.AsCounted() : server.Input).AsPipeReader();
        await client.Output.WriteStringAsync("abc").Soon();
        ReadResult result = await reader.ReadAtLeastAsync(3).Soon();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        return (client, server.Input, reader);
    }

    private async Task<(ByteWriteChannel Output, ByteReadChannel Input)> ConnectWriterAsync(bool autoFlush)
    {
        (StreamSocket client, StreamSocket server) = await ConnectSocketsAsync(options => options.SendBufferSize = 64 * 1024);
        return (client.OpenWriteChannel(autoFlush), server.OpenReadChannel());
    }
}
