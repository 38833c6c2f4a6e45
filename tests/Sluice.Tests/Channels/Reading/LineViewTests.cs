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
}
