using System.Buffers;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

/// <summary>A lenient line that ends with a CR, whose LF comes after it: through views, and past them.</summary>
[Parallelizable]
public sealed class LineViewTests
{
    private static readonly LineReadOptions s_lenient = new() { Ending = LineEnding.Lenient };

    [Test]
    public async Task The_line_feed_belongs_to_the_line_before_whichever_channel_reads_next(
        [Values("vcvc", "cvcv", "vvcc", "nvnc", "vncn", "ncvn")] string readers, [Values] bool asText)
    {
        var channel = new ByteChannel();
        var views = new Dictionary<char, ByteReadChannel> { ['c'] = channel.Reader, ['v'] = channel.Reader.AsCounted() };
        views['n'] = views['v'].AsTee(new ArrayBufferWriter<byte>());
        string sent = "0";
        foreach (char reader in readers)
        {
            await channel.Writer.WriteStringAsync(sent + "\r").Soon();
            ByteReadChannel input = views[reader];
            string? line = await (asText ? input.AsTextReader().ReadLineAsync() : input.ReadLineAsync(s_lenient).AsTask()).Soon();
            Assert.That(line, Is.EqualTo(sent.TrimStart('\n')));
            sent = "\n" + sent.TrimStart('\n') + reader;
        }

        await channel.Writer.WriteStringAsync("\nrest").Soon();
        await channel.Writer.CompleteAsync().Soon();
        Assert.That(Encoding.ASCII.GetString(await channel.Reader.ReadToEndAsync(100).Soon()), Is.EqualTo("rest"));
    }

    [Test]
    public async Task A_view_counts_and_copies_the_line_feed_that_it_skips()
    {
        var channel = new ByteChannel();
        var copy = new ArrayBufferWriter<byte>();
        ByteReadChannel view = channel.Reader.AsTee(copy);
        await channel.Writer.WriteStringAsync("one\r").Soon();
        await view.ReadLineAsync(s_lenient).Soon();
        await channel.Writer.WriteStringAsync("\ntwo").Soon();
        await view.ReadExactlyAsync(3).Soon();
        Assert.That((view.TotalBytesRead, Encoding.ASCII.GetString(copy.WrittenSpan)), Is.EqualTo((8, "one\r\ntwo")));
    }

    [TestCase(4, "\nnext")]
    [TestCase(5, "next")]
    public async Task A_line_feed_beyond_the_end_of_a_view_is_left_to_the_channel(int limit, string rest)
    {
        var channel = new ByteChannel();
        ByteReadChannel body = channel.Reader.AsLimited(limit);
        await channel.Writer.WriteStringAsync("one\r").Soon();
        Assert.That(await body.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("one"));
        await channel.Writer.WriteStringAsync("\nnext").Soon();
        await channel.Writer.CompleteAsync().Soon();
        Assert.That(await body.ReadToEndAsync(100).Soon(), Is.Empty);
        Assert.That(body.TotalBytesRead, Is.EqualTo(limit));
        Assert.That(Encoding.ASCII.GetString(await channel.Reader.ReadToEndAsync(100).Soon()), Is.EqualTo(rest));
    }

    [Test]
    public async Task A_view_of_the_rest_does_not_count_the_line_feed_of_the_line_before([Values] bool together, [Values] bool nested)
    {
        var channel = new ByteChannel();
        var copy = new ArrayBufferWriter<byte>();
        await channel.Writer.WriteStringAsync(together ? "5\r\nhellonext" : "5\r").Soon();
        Assert.That(await channel.Reader.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("5"));
        if (!together)
        {
            await channel.Writer.WriteStringAsync("\nhellonext").Soon();
        }

        await channel.Writer.CompleteAsync().Soon();
        ByteReadChannel body = channel.Reader.AsTee(copy).AsLimited(5);
        body = nested ? body.AsCounted() : body;
        Assert.That(Encoding.ASCII.GetString(await body.ReadToEndAsync(100).Soon()), Is.EqualTo("hello"));
        Assert.That((body.TotalBytesRead, Encoding.ASCII.GetString(copy.WrittenSpan)), Is.EqualTo((5, "hello")));
        Assert.That(Encoding.ASCII.GetString(await channel.Reader.ReadToEndAsync(100).Soon()), Is.EqualTo("next"));
    }

    [Test]
    public async Task A_view_counts_the_line_feed_of_its_line_also_if_the_channel_reads_next([Values] bool together)
    {
        var channel = new ByteChannel();
        var copy = new ArrayBufferWriter<byte>();
        ByteReadChannel body = channel.Reader.AsTee(copy).AsLimited(8);
        await channel.Writer.WriteStringAsync(together ? "one\r\ntwothree" : "one\r").Soon();
        Assert.That(await body.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("one"));
        if (!together)
        {
            await channel.Writer.WriteStringAsync("\ntwothree").Soon();
        }

        Assert.That(await channel.Reader.ReadByteAsync().Soon(), Is.EqualTo((byte)'t'));
        Assert.That(Encoding.ASCII.GetString(await body.ReadToEndAsync(100).Soon()), Is.EqualTo("wot"));
        Assert.That((body.TotalBytesRead, Encoding.ASCII.GetString(copy.WrittenSpan)), Is.EqualTo((8, "one\r\nwot")));
    }

    [Test]
    public async Task A_view_that_the_line_feed_ends_does_not_wait_for_more()
    {
        var channel = new ByteChannel();
        ByteReadChannel body = channel.Reader.AsLimited(5);
        await channel.Writer.WriteStringAsync("one\r").Soon();
        Assert.That(await body.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("one"));
        await channel.Writer.WriteStringAsync("\n").Soon();
        Assert.That(await body.ReadLineAsync(s_lenient).Soon(), Is.Null);
    }

    [Test]
    public async Task A_read_of_no_bytes_does_not_wait_for_the_line_feed([Values] bool inView)
    {
        var channel = new ByteChannel();
        await channel.Writer.WriteStringAsync("0\r").Soon();
        Assert.That(await channel.Reader.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("0"));
        ByteReadChannel input = inView ? channel.Reader.AsCounted() : channel.Reader;
        Assert.That(await input.ReadExactlyAsync(0).Soon(), Is.Empty);
        Assert.That((await input.PeekAsync(0).Soon()).IsEmpty);
        Assert.That((await input.SkipAsync(0).Soon(), await input.SkipIfFoundAsync(default).Soon()), Is.EqualTo((0L, true)));
        await input.SkipExactlyAsync(0).Soon();
        await channel.Writer.WriteStringAsync("\nnext").Soon();
        Assert.That(Encoding.ASCII.GetString(await input.ReadExactlyAsync(4).Soon()), Is.EqualTo("next"));
    }
}
