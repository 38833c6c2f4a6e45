using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>What <see cref="PipeReader"/> and <see cref="PipeWriter"/> promise holds for a channel's faces.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class PipeViewTests(SelectorEngine engine) : BothEngines(engine)
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

    private const int FillSize = 16 * 1024 * 1024;

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
}
