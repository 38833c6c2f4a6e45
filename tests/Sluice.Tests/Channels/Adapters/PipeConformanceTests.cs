using System.IO.Pipelines;
using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>
/// The pipe views do as the framework's pipes do, over whatever they are views of. Each test runs over those, too: they say what is right.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class PipeConformanceTests(SelectorEngine engine) : EveryConnection(engine)
{
    [Test]
    public async Task After_a_cancelled_read_the_next_one_needs_no_advance([Values] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        PipeReader reader = ends.Reader;
        for (int i = 0; i < 3; i++)
        {
            Task<ReadResult> reading = reader.ReadAsync().AsTask();
            reader.CancelPendingRead();
            Assert.That((await reading.Soon()).IsCanceled, Is.True);
            reader.CancelPendingRead();
            Assert.That(reader.TryRead(out ReadResult tried) && tried.IsCanceled, Is.True);
            reader.CancelPendingRead();
            Assert.That((await reader.ReadAtLeastAsync(10).Soon()).IsCanceled, Is.True);
        }

        await ends.Writer.WriteAsync("abc"u8.ToArray()).Soon();
        ReadResult result = await reader.ReadAtLeastAsync(3).Soon();
        Assert.That((result.IsCanceled, Encoding.UTF8.GetString(result.Buffer)), Is.EqualTo((false, "abc")));

        // With something in the buffer.
        reader.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        reader.CancelPendingRead();
        result = await reader.ReadAsync().Soon();
        Assert.That((result.IsCanceled, Encoding.UTF8.GetString(result.Buffer)), Is.EqualTo((true, "bc")));
        await ends.Writer.WriteAsync("d"u8.ToArray()).Soon();
        result = await reader.ReadAsync().Soon();
        Assert.That((result.IsCanceled, Encoding.UTF8.GetString(result.Buffer)), Is.EqualTo((false, "bcd")));
        reader.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task A_write_that_its_token_refuses_writes_nothing([Values] PipeKind kind, [Values] bool asStream)
    {
        Ends ends = await OpenAsync(kind);
        var cancelled = new CancellationToken(canceled: true);
        Assert.CatchAsync<OperationCanceledException>(() => asStream
            ? ends.Writer.AsStream().WriteAsync("refused"u8.ToArray(), cancelled).AsTask().Soon()
            : ends.Writer.WriteAsync("refused"u8.ToArray(), cancelled).AsTask().Soon());
        await ends.Writer.WriteAsync("sent"u8.ToArray()).Soon();
        ReadResult result = await ends.Reader.ReadAtLeastAsync(4).Soon();
        Assert.That(Encoding.UTF8.GetString(result.Buffer), Is.EqualTo("sent"));
        ends.Reader.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task After_a_cancelled_read_one_may_advance_as_well([Values] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        await ends.Writer.WriteAsync("abc"u8.ToArray()).Soon();
        ReadResult result = await ends.Reader.ReadAtLeastAsync(3).Soon();
        ends.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        ends.Reader.CancelPendingRead();
        result = await ends.Reader.ReadAsync().Soon();
        Assert.That(result.IsCanceled, Is.True);
        ends.Reader.AdvanceTo(result.Buffer.GetPosition(2), result.Buffer.End);
        Task<ReadResult> reading = ends.Reader.ReadAsync().AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        await ends.Writer.WriteAsync("d"u8.ToArray()).Soon();
        result = await reading.Soon();
        Assert.That(Encoding.UTF8.GetString(result.Buffer), Is.EqualTo("cd"));
        ends.Reader.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task A_stream_over_the_reader_goes_on_after_a_cancelled_read([Values] PipeKind kind)
    {
        // The framework's stream does not advance what was cancelled.
        Ends ends = await OpenAsync(kind);
        Stream stream = ends.Reader.AsStream();
        Task<int> reading = stream.ReadAsync(new byte[10], 0, 10);
        ends.Reader.CancelPendingRead();
        Assert.That(await reading.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        await ends.Writer.WriteAsync("abc"u8.ToArray()).Soon();
        byte[] three = new byte[3];
        await stream.ReadExactlyAsync(three).Soon();
        Assert.That(three, Is.EqualTo("abc"u8.ToArray()));
    }

    [Test]
    public async Task A_try_that_finds_nothing_may_be_advanced_by_nothing([Values] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        Assert.That(ends.Reader.TryRead(out ReadResult result), Is.False);
        ends.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        await ends.Writer.WriteAsync("abc"u8.ToArray()).Soon();
        result = await ends.Reader.ReadAtLeastAsync(3).Soon();
        Assert.That(Encoding.UTF8.GetString(result.Buffer), Is.EqualTo("abc"));
        ends.Reader.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task A_copy_of_the_reader_ends_with_its_end([Values] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        byte[] bytes = Pattern.Bytes(300_000);
        Task writing = Task.Run(async () =>
        {
            await ends.Writer.WriteAsync(bytes);
            await ends.Writer.CompleteAsync();
            ends.EndStream();
        });
        using var got = new MemoryStream();
        await ends.Reader.CopyToAsync(got).Soon();
        await writing.Soon();
        Assert.That(got.Length, Is.EqualTo(bytes.Length));
        Pattern.Check(got.ToArray(), 0);
        await ends.Reader.CompleteAsync();
        Assert.That(() => ends.Reader.TryRead(out _), Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_flush_after_the_reader_has_completed_says_so_and_throws_nothing(
        [Values(PipeKind.FrameworkPipe, PipeKind.Tcp, PipeKind.Unix, PipeKind.Tls, PipeKind.Memory, PipeKind.MemoryTls, PipeKind.OverPipe)] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        await ends.Writer.WriteAsync(new byte[1000]).Soon();
        await ends.GoAwayAsync();
        await UntilCompletedAsync(ends.Writer);

        for (int i = 0; i < 3; i++)
        {
            Memory<byte> memory = ends.Writer.GetMemory(100);
            Assert.That(memory.Length, Is.GreaterThanOrEqualTo(100));
            ends.Writer.Advance(100);
            Assert.That((await ends.Writer.FlushAsync().Soon()).IsCompleted, Is.True);
            Assert.That((await ends.Writer.WriteAsync(new byte[100_000]).Soon()).IsCompleted, Is.True);
            Assert.That(ends.Writer.GetSpan().Length, Is.Positive);
        }

        await ends.Writer.CompleteAsync();
        Assert.That((await ends.Writer.FlushAsync().Soon()).IsCompleted, Is.True);
    }

    [Test]
    public async Task A_flush_that_waits_when_the_reader_completes_says_so_and_throws_nothing(
        [Values(PipeKind.FrameworkPipe, PipeKind.Tcp, PipeKind.Unix, PipeKind.Tls, PipeKind.Memory, PipeKind.MemoryTls, PipeKind.OverPipe)] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        Task<FlushResult> flushing = ends.Writer.WriteAsync(new byte[16 * 1024 * 1024]).AsTask();
        Assert.That(flushing.IsCompleted, Is.False);
        await ends.GoAwayAsync();
        Assert.That((await flushing.Soon()).IsCompleted, Is.True);
    }

    [Test]
    public async Task A_flush_of_a_connection_that_is_closed_on_this_side_says_so([Values] ConnectionKind kind, [Values] bool abort)
    {
        (Connection client, _) = await ConnectAsync(kind, TimeSpan.FromMilliseconds(100));
        PipeWriter writer = client.Output.AsPipeWriter();
        Task<FlushResult> flushing = writer.WriteAsync(new byte[16 * 1024 * 1024]).AsTask();
        if (abort)
        {
            client.Abort();
        }
        else
        {
            await client.CloseAsync().Soon();
        }

        Assert.That((await flushing.Soon()).IsCompleted, Is.True);
        await UntilCompletedAsync(writer);
        await writer.CompleteAsync();
    }

    [Test]
    public async Task A_flush_after_the_completion_does_nothing([Values] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        await ends.Writer.CompleteAsync();
        FlushResult flushed = await ends.Writer.FlushAsync().Soon();
        Assert.That(flushed.IsCompleted || flushed.IsCanceled, Is.False);
        Assert.That(() => ends.Writer.GetMemory(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Advancing_beyond_what_was_asked_for_is_out_of_range([Values] PipeKind kind)
    {
        Ends ends = await OpenAsync(kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => ends.Writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ends.Writer.Advance(1));
        int length = ends.Writer.GetMemory(10).Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => ends.Writer.Advance(length + 1));
        "abc"u8.CopyTo(ends.Writer.GetSpan(3));
        ends.Writer.Advance(3);
        await ends.Writer.FlushAsync().Soon();
        Assert.Throws<ArgumentOutOfRangeException>(() => ends.Writer.Advance(int.MaxValue));
        ReadResult result = await ends.Reader.ReadAtLeastAsync(3).Soon();
        Assert.That(Encoding.UTF8.GetString(result.Buffer), Is.EqualTo("abc"));
    }

    [Test]
    public async Task Memory_that_was_not_asked_for_again_is_never_sent()
    {
        // The rest of a segment holds what others left there.
        Ends ends = await OpenAsync(PipeKind.Tcp);
        ends.Writer.GetMemory(1000);
        ends.Writer.Advance(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => ends.Writer.Advance(5));
    }

    [Test]
    public async Task A_failure_of_what_lies_below_is_thrown_and_is_no_completion()
    {
        ByteWriteChannel output = new FailingStream().AsByteWriteChannel();
        Assert.That(await Waiting.FailureAsync(async () => await output.AsPipeWriter().WriteAsync(new byte[10])), Is.InstanceOf<IOException>());

        var channel = new ByteChannel();
        var cause = new FormatException("enough");
        channel.Reader.Cancel(cause);
        Exception? failure = await Waiting.FailureAsync(async () => await channel.Writer.AsPipeWriter().WriteAsync(new byte[10]));
        Assert.That(failure, Is.InstanceOf<IOException>().With.InnerException.SameAs(cause));

        (Connection client, _) = await ConnectPairAsync(options => options.SocketTimeout = TimeSpan.FromMilliseconds(100));
        failure = await Waiting.FailureAsync(async () => await client.Output.AsPipeWriter().WriteAsync(new byte[64 * 1024 * 1024]));
        Assert.That(failure, Is.InstanceOf<IOException>().With.InnerException.InstanceOf<TimeoutException>());
    }

    private static async Task UntilCompletedAsync(PipeWriter writer)
    {
        for (long started = Environment.TickCount64; !(await writer.WriteAsync(new byte[10]).Soon()).IsCompleted;)
        {
            Assert.That(Environment.TickCount64 - started, Is.LessThan(Patience.TotalMilliseconds));
            await Task.Delay(5);
        }
    }

    private async Task<Ends> OpenAsync(PipeKind kind)
    {
        if (kind is PipeKind.Tcp or PipeKind.Unix or PipeKind.Tls or PipeKind.Memory or PipeKind.MemoryTls)
        {
            (Connection client, Connection server) = await ConnectAsync(Enum.Parse<ConnectionKind>(kind.ToString()));
            return new Ends(client.Output.AsPipeWriter(), server.Input.AsPipeReader(), server.Abort);
        }

        var pipe = new Pipe();
        return kind switch
        {
            PipeKind.FrameworkPipe => new Ends(pipe.Writer, pipe.Reader),
            PipeKind.FrameworkStream => new Ends(
                PipeWriter.Create(pipe.Writer.AsStream(leaveOpen: true)), PipeReader.Create(pipe.Reader.AsStream()), End: () => pipe.Writer.Complete()),
            PipeKind.OverPipe => new Ends(pipe.Writer.AsByteWriteChannel().AsPipeWriter(), pipe.Reader.AsByteReadChannel().AsPipeReader()),
            _ => new Ends(
                pipe.Writer.AsStream(leaveOpen: true).AsByteWriteChannel().AsPipeWriter(), pipe.Reader.AsStream().AsByteReadChannel().AsPipeReader(),
                End: () => pipe.Writer.Complete()),
        };
    }

    /// <summary>A writer, and a reader of what it writes.</summary>
    /// <param name="Writer">The writer.</param>
    /// <param name="Reader">The reader.</param>
    /// <param name="Abort">How the other side goes away, if its reader's completion does not tell the writer.</param>
    /// <param name="End">Ends what the writer leaves open.</param>
    private sealed record Ends(PipeWriter Writer, PipeReader Reader, Action? Abort = null, Action? End = null)
    {
        public void EndStream() => End?.Invoke();

        public async Task GoAwayAsync()
        {
            await Reader.CompleteAsync();
            Abort?.Invoke();
        }
    }

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new IOException("The disk is full."));
    }
}
