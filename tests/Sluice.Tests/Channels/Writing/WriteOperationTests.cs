using System.IO.Pipelines;

namespace Sluice.Tests.Channels.Writing;

/// <summary>What holds for every way to write, on every kind of channel.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class WriteOperationTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly string[] s_kinds = ["socket", "byte channel", "pipe", "stream"];

    // A socket's peer would have to keep megabytes waiting first.
    private static readonly string[] s_small = ["byte channel", "pipe", "stream"];

    private static IEnumerable<WriteOperation> Operations => WriteOperations.All;

    [Test]
    public async Task What_is_written_arrives_and_is_counted(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind, [Values] bool autoFlush)
    {
        var operation = (WriteOperation)given;
        await using Sink sink = await OpenAsync(kind, autoFlush);
        await sink.Output.WriteStringAsync("before").Soon();
        await operation.Run(sink.Output, CancellationToken.None).Soon();
        await sink.Output.WriteStringAsync("after").Soon();
        Assert.That(sink.Output.TotalBytesWritten, Is.EqualTo("beforeafter".Length + operation.Bytes.Length));
        Assert.That(await sink.ReadToEndAsync(), Is.EqualTo((byte[])[.. "before"u8, .. operation.Bytes, .. "after"u8]));
    }

    [Test]
    public async Task A_write_that_finds_no_room_waits_refuses_another_and_when_it_is_cancelled_has_written_nothing(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_small))] string kind)
    {
        var operation = (WriteOperation)given;
        await using Sink sink = await OpenAsync(kind, autoFlush: true);
        int filled = await FillAsync(sink.Output);
        using var cancellation = new CancellationTokenSource();
        Task writing = operation.Run(sink.Output, cancellation.Token).AsTask();
        Assert.That(writing.IsCompleted, Is.False);
        Assert.That(await Waiting.FailureAsync(() => operation.Run(sink.Output, CancellationToken.None)), Is.InstanceOf<InvalidOperationException>());
        Assert.Throws<InvalidOperationException>(() => _ = sink.Output.FlushAsync().AsTask());
        await cancellation.CancelAsync();
        OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => writing.Soon())!;
        Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));
        Assert.That(sink.Output.TotalBytesWritten, Is.EqualTo(filled));

        Task again = operation.Run(sink.Output, CancellationToken.None).AsTask();
        Assert.That(again.IsCompleted, Is.False);
        await sink.Input.SkipExactlyAsync(filled).Soon();
        await again.Soon();
        Assert.That(await sink.ReadToEndAsync(), Is.EqualTo(operation.Bytes));
    }

    [Test]
    public async Task With_a_cancelled_token_nothing_is_written(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var operation = (WriteOperation)given;
        await using Sink sink = await OpenAsync(kind, autoFlush: true);
        Assert.That(await operation.Run(sink.Output, new CancellationToken(true)).OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(sink.Output.TotalBytesWritten, Is.Zero);
        await operation.Run(sink.Output, CancellationToken.None).Soon();
        Assert.That(sink.Output.TotalBytesWritten, Is.EqualTo(operation.Bytes.Length));
    }

    [Test]
    public async Task After_completion_every_write_is_refused(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var operation = (WriteOperation)given;
        await using Sink sink = await OpenAsync(kind, autoFlush: true);
        Assert.That(sink.Output.IsClosedForWrite, Is.False);
        await sink.Output.CompleteAsync().Soon();
        Assert.That(await Waiting.FailureAsync(() => operation.Run(sink.Output, CancellationToken.None)), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(sink.Output.IsClosedForWrite, Is.True);
        Assert.That(sink.Output.AvailableForWrite, Is.Zero);
        Assert.That(sink.Output.CloseCause, Is.Null);
    }

    [Test]
    public async Task After_completion_with_a_cause_every_write_tells_it(
        [ValueSource(nameof(Operations))] object given, [ValueSource(nameof(s_kinds))] string kind)
    {
        var operation = (WriteOperation)given;
        await using Sink sink = await OpenAsync(kind, autoFlush: true);
        var cause = new FormatException("enough");
        await sink.Output.CompleteAsync(cause).Soon();
        await sink.Output.CompleteAsync(new FormatException("the second does not count")).Soon();
        Exception failure = (await Waiting.FailureAsync(() => operation.Run(sink.Output, CancellationToken.None)))!;
        Assert.That(failure, Is.InstanceOf<ObjectDisposedException>());
        Assert.That(failure.InnerException, Is.SameAs(cause));
        Assert.That(sink.Output.CloseCause, Is.SameAs(cause));
        Assert.That(sink.Output.IsClosedForWrite, Is.True);
    }

    [Test]
    public async Task The_reader_learns_of_a_completion_with_a_cause([Values("socket", "byte channel", "pipe")] string kind)
    {
        await using Sink sink = await OpenAsync(kind, autoFlush: true);
        await sink.Output.WriteStringAsync("sent").Soon();
        var cause = new FormatException("enough");
        await sink.Output.CompleteAsync(cause).Soon();
        Exception? failure = await sink.Input.ReadToEndAsync(1000).OutcomeAsync();
        Assert.That(failure, kind == "socket" ? Is.InstanceOf<IOException>() : Is.SameAs(cause));
    }

    // Writes until a write would have to wait, and says how much that was.
    private static async Task<int> FillAsync(ByteWriteChannel output)
    {
        int filled = 0;
        while (output.AvailableForWrite > 0)
        {
            int count = (int)output.AvailableForWrite;
            await output.WriteAsync(new byte[count]).Soon();
            filled += count;
        }

        return filled;
    }

    private async Task<Sink> OpenAsync(string kind, bool autoFlush)
    {
        if (kind == "socket")
        {
            (StreamSocket client, StreamSocket server) = await ConnectSocketsAsync();
            ByteWriteChannel output = client.OpenWriteChannel(autoFlush);
            return new Sink(output, server.OpenReadChannel(), () => output.CompleteAsync().AsTask());
        }

        if (kind == "byte channel")
        {
            var channel = new ByteChannel(new ByteChannelOptions { AutoFlush = autoFlush, Capacity = 100 });
            return new Sink(channel.Writer, channel.Reader, () => channel.Writer.CompleteAsync().AsTask());
        }

        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        if (kind == "pipe")
        {
            ByteWriteChannel output = pipe.Writer.AsByteWriteChannel(autoFlush);
            return new Sink(output, pipe.Reader.AsByteReadChannel(), () => output.CompleteAsync().AsTask());
        }

        ByteWriteChannel toStream = pipe.Writer.AsStream().AsByteWriteChannel(autoFlush);
        return new Sink(toStream, pipe.Reader.AsByteReadChannel(), async () =>
        {
            await toStream.CompleteAsync();
            await pipe.Writer.CompleteAsync();
        });
    }

    /// <summary>A channel to write, and what arrives.</summary>
    private sealed record Sink(ByteWriteChannel Output, ByteReadChannel Input, Func<Task> EndAsync) : IAsyncDisposable
    {
        // A pipe takes a flush for done only when it is read.
        public async Task<byte[]> ReadToEndAsync()
        {
            Task<byte[]> reading = Input.ReadToEndAsync(1000).AsTask();
            await Output.FlushAsync().Soon();
            await EndAsync().Soon();
            return await reading.Soon();
        }

        public ValueTask DisposeAsync()
        {
            Input.Cancel();
            return ValueTask.CompletedTask;
        }
    }
}
