using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

/// <summary>Code of the caller's that throws within a read: memory, and a writer that gets a copy.</summary>
[Parallelizable]
public sealed class CallerCodeTests
{
    private static readonly Dictionary<string, Func<ByteReadChannel, Memory<byte>, Task>> s_reads = new()
    {
        ["ReadAsync"] = (input, memory) => input.ReadAsync(memory).AsTask(),
        ["ReadExactlyAsync"] = (input, memory) => input.ReadExactlyAsync(memory).AsTask(),
        ["ReadAtLeastAsync"] = (input, memory) => input.ReadAtLeastAsync(memory, 1).AsTask(),
        ["SkipIfFoundAsync"] = (input, memory) => input.SkipIfFoundAsync(memory).AsTask(),
        ["ReadUntilAsync"] = (input, memory) => input.ReadUntilAsync(memory, new ArrayBufferWriter<byte>(), 100).AsTask(),
        ["AsStream"] = (input, memory) => input.AsStream().ReadAsync(memory).AsTask(),
    };

    private static IEnumerable<string> Reads => s_reads.Keys;

    [Test]
    public async Task A_read_into_memory_that_fails_fails_alone([ValueSource(nameof(Reads))] string read, [Values] bool buffered, [Values] bool view)
    {
        var channel = new ByteChannel();
        ByteReadChannel input = view ? channel.Reader.AsCounted() : channel.Reader;
        await channel.Writer.WriteStringAsync("-0123456789abcdef").Soon();
        if (buffered)
        {
            await input.ReadByteAsync().Soon();
        }
        else
        {
            await input.ReadExactlyAsync(1).Soon();
        }

        Assert.ThrowsAsync<NotSupportedException>(() => s_reads[read](input, CallerMemory.Failing(10)).Soon());
        await channel.Writer.CompleteAsync().Soon();
        Assert.That(Encoding.ASCII.GetString(await input.ReadToEndAsync(100).Soon()), Is.EqualTo("0123456789abcdef"));
    }

    [Test]
    public async Task A_read_whose_memory_fails_between_two_receives_ends()
    {
        ByteReadChannel input = ScriptedSource.Channel("one two"u8, 3);
        Assert.ThrowsAsync<NotSupportedException>(() => input.ReadExactlyAsync(CallerMemory.Failing(6, after: 3)).AsTask().Soon());
        Assert.That(Encoding.ASCII.GetString(await input.ReadToEndAsync(100).Soon()), Does.EndWith("o"));
    }

    [Test]
    public async Task A_close_after_such_a_read_tells_the_peer([Values("ReadAsync", "ReadExactlyAsync", "ReadAtLeastAsync")] string read)
    {
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { Capacity = 100 });
        Assert.ThrowsAsync<NotSupportedException>(() => s_reads[read](first.Input, CallerMemory.Failing(10)).Soon());
        Task writing = second.Output.WriteAsync(new byte[200_000]).AsTask();
        await first.CloseAsync().Soon();
        Assert.CatchAsync<IOException>(() => writing.Soon());
    }

    [TestCase(10)]
    [TestCase(512)]
    [TestCase(4096)]
    public async Task A_read_whose_copy_fails_consumes_nothing_and_the_copy_gets_each_byte_once(int size)
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 4);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        ByteReadChannel outer = view.AsCounted();
        await channel.Writer.WriteStringAsync("hello ").Soon();
        for (int i = 0; i < 3; i++)
        {
            copy.FailAfter(i % 2);
            Assert.ThrowsAsync<NotSupportedException>(() => outer.ReadAsync(new byte[size]).AsTask().Soon());
            Assert.That((view.IsClosedForRead, outer.CloseCause, view.TotalBytesRead), Is.EqualTo((false, (Exception?)null, 0)));
            if (i == 1)
            {
                // The copy has the first bytes already.
                await channel.Writer.WriteStringAsync("world").Soon();
            }
        }

        await channel.Writer.CompleteAsync().Soon();
        copy.FailAfter(int.MaxValue);
        Assert.That(Encoding.ASCII.GetString(await outer.ReadToEndAsync(100).Soon()), Is.EqualTo("hello world"));
        Assert.That(Encoding.ASCII.GetString(copy.Written), Is.EqualTo("hello world"));
    }

    [Test]
    public async Task Bytes_that_the_channel_reads_in_between_are_not_taken_for_copied_ones()
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 4);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        await channel.Writer.WriteStringAsync("hello world").Soon();
        copy.FailAfter(1);
        Assert.ThrowsAsync<NotSupportedException>(() => view.ReadExactlyAsync(8).AsTask().Soon());
        await channel.Reader.SkipExactlyAsync(6).Soon();
        copy.FailAfter(int.MaxValue);
        await view.ReadExactlyAsync(5).Soon();
        Assert.That(Encoding.ASCII.GetString(copy.Written), Is.EqualTo("hellworld"));
    }

    [Test]
    public async Task An_advance_whose_copy_fails_ends_the_read_and_consumes_nothing()
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 100);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        PipeReader pipe = view.AsPipeReader();
        await channel.Writer.WriteStringAsync("hello").Soon();
        ReadResult result = await pipe.ReadAsync().Soon();
        copy.FailAfter(0);
        Assert.Throws<NotSupportedException>(() => pipe.AdvanceTo(result.Buffer.End));
        result = await pipe.ReadAsync().Soon();
        Assert.That(Encoding.ASCII.GetString(result.Buffer), Is.EqualTo("hello"));
        copy.FailAfter(int.MaxValue);
        pipe.AdvanceTo(result.Buffer.End);
        Assert.That(Encoding.ASCII.GetString(copy.Written), Is.EqualTo("hello"));
    }

    [Test]
    public async Task After_a_copy_of_the_line_feed_that_fails_the_next_read_gets_what_has_come([Values] bool throughView)
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 4);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        var lenient = new LineReadOptions { Ending = LineEnding.Lenient };
        await channel.Writer.WriteStringAsync("one\r").Soon();
        Assert.That(await view.ReadLineAsync(lenient).Soon(), Is.EqualTo("one"));
        await channel.Writer.WriteStringAsync("\ntwo\n").Soon();
        copy.FailAfter(0);
        Assert.ThrowsAsync<NotSupportedException>(() => view.ReadLineAsync(lenient).AsTask().Soon());
        copy.FailAfter(int.MaxValue);
        Assert.That(await (throughView ? view : channel.Reader).ReadLineAsync(lenient).Soon(), Is.EqualTo("two"));
        Assert.That(Encoding.ASCII.GetString(copy.Written), Is.EqualTo(throughView ? "one\r\ntwo\n" : "one\r\n"));
    }

    [Test]
    public async Task A_read_into_a_writer_through_a_view_whose_writer_fails_passes_each_byte_on_once([Values] bool asLine, [Values] bool nested, [Values(0, 1)] int after)
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 4);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        view = nested ? view.AsCounted() : view;
        await channel.Writer.WriteStringAsync("hello world\nnext").Soon();
        var bytes = new ArrayBufferWriter<byte>();
        var chars = new ArrayBufferWriter<char>();
        Func<Task<bool>> read = asLine ? () => view.ReadLineAsync(chars).AsTask() : () => view.ReadUntilAsync((byte)'\n', bytes, 100).AsTask();
        copy.FailAfter(after);
        Assert.ThrowsAsync<NotSupportedException>(() => read().Soon());
        Assert.That(view.TotalBytesRead, Is.Zero);
        copy.FailAfter(int.MaxValue);
        Assert.That(await read().Soon(), Is.True);
        string passedOn = asLine ? chars.WrittenSpan.ToString() : Encoding.ASCII.GetString(bytes.WrittenSpan);
        Assert.That((passedOn, Encoding.ASCII.GetString(copy.Written)), Is.EqualTo(("hello world", "hello world\n")));
    }

    [Test]
    public async Task A_copy_through_a_view_whose_writer_fails_passes_each_byte_on_once(
        [Values("channel", "full channel", "stream", "pipe")] string kind, [Values] bool nested)
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 4);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        view = nested ? view.AsCounted() : view;
        await channel.Writer.WriteStringAsync("hello world").Soon();
        await channel.Writer.CompleteAsync().Soon();
        var stream = new MemoryStream();
        var pipe = new Pipe();
        var other = new ByteChannel(new ByteChannelOptions { Capacity = 1, AutoFlush = false });
        byte[] filling = kind == "full channel" ? new byte[ByteWriteChannel.HighWaterMark - 3] : [];
        await other.Writer.WriteAsync(filling).Soon();
        Func<Task<long>> copies = kind switch
        {
            "stream" => () => view.CopyToAsync(stream).AsTask(),
            "pipe" => () => view.CopyToAsync(pipe.Writer).AsTask(),
            _ => () => view.CopyToAsync(other.Writer).AsTask(),
        };
        Task<byte[]> passedOn = kind switch
        {
            "stream" => Task.FromResult<byte[]>([]),
            "pipe" => pipe.Reader.AsByteReadChannel().ReadToEndAsync(100).AsTask(),
            _ => other.Reader.ReadToEndAsync(100_000).AsTask(),
        };
        copy.FailAfter(1);
        Assert.ThrowsAsync<NotSupportedException>(() => copies().Soon());
        Assert.That(view.TotalBytesRead, Is.Zero);
        copy.FailAfter(int.MaxValue);
        Assert.That(await copies().Soon(), Is.EqualTo(11));
        await other.Writer.CompleteAsync().Soon();
        await pipe.Writer.CompleteAsync();
        byte[] bytes = kind == "stream" ? stream.ToArray() : (await passedOn.Soon())[filling.Length..];
        Assert.That((Encoding.ASCII.GetString(bytes), Encoding.ASCII.GetString(copy.Written)), Is.EqualTo(("hello world", "hello world")));
    }

    [Test]
    public async Task A_copy_through_a_view_that_is_cancelled_while_it_waits_for_room_has_copied_what_it_has_passed_on()
    {
        var channel = new ByteChannel();
        var copy = new FailingWriter(room: 4);
        ByteReadChannel view = channel.Reader.AsTee(copy);
        var other = new ByteChannel(new ByteChannelOptions { Capacity = 1 });
        await channel.Writer.WriteStringAsync("hello world").Soon();
        await other.Writer.WriteAsync(new byte[ByteWriteChannel.HighWaterMark - 3]).Soon();
        using var cancellation = new CancellationTokenSource();
        Task<long> copying = view.CopyToAsync(other.Writer, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => copying.Soon());
        Assert.That(copy.Written, Has.Length.EqualTo(view.TotalBytesRead));
    }

    private sealed class FailingWriter(int room) : IBufferWriter<byte>
    {
        private readonly byte[] _room = new byte[room];
        private readonly List<byte> _written = [];
        private int _uses = int.MaxValue;

        public byte[] Written => [.. _written];

        public void FailAfter(int uses) => _uses = uses;

        public void Advance(int count) => _written.AddRange(_room[..count]);

        public Memory<byte> GetMemory(int sizeHint = 0) => _uses-- > 0 ? _room : throw new NotSupportedException("the caller's writer");

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
