using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>The bytes of a channel's text writer, beside those of <see cref="StreamWriter"/>.</summary>
[Parallelizable]
public sealed class TextEncodingTests
{
    private static readonly string[] s_pieces = ["a", "+", "\n", "é", "日本", "\ud83d", "\ude00", "𝄞", "text", new('本', 700)];

#pragma warning disable SYSLIB0001 // UTF-7 keeps more state than any other encoding.
    private static readonly Dictionary<string, Encoding> s_encodings = new()
    {
        ["utf-8"] = new UTF8Encoding(false),
        ["utf-16"] = new UnicodeEncoding(false, false),
        ["utf-7"] = Encoding.UTF7,
        ["ascii"] = Encoding.GetEncoding("us-ascii", new EncoderReplacementFallback("<?>"), DecoderFallback.ReplacementFallback),
        ["iso-2022-jp"] = CodePagesEncodingProvider.Instance.GetEncoding("iso-2022-jp")!,
        ["gb18030"] = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!,
    };
#pragma warning restore SYSLIB0001

    private static IEnumerable<string> Encodings => s_encodings.Keys;

    [Test]
    public async Task Every_writer_writes_the_bytes_of_a_stream_writer([ValueSource(nameof(Encodings))] string name, [Values(1, 2, 3)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int i = 0; i < 100; i++)
        {
            var channel = new ByteChannel();
            using var stream = new MemoryStream();
            TextWriter text = channel.Writer.AsTextWriter(s_encodings[name]);
            var expected = new StreamWriter(stream, s_encodings[name]);
            for (int left = random.Next(10); left > 0; left--)
            {
                await StepAsync(random.Next(5), s_pieces[random.Next(s_pieces.Length)], text, expected);
            }

            await (random.Next(2) == 0 ? text.DisposeAsync().AsTask() : Task.Run(text.Dispose)).Soon();
            await expected.DisposeAsync();
            await text.DisposeAsync().AsTask().Soon();
            await channel.Writer.CompleteAsync().Soon();
            Assert.That(await channel.Reader.ReadToEndAsync(1_000_000).Soon(), Is.EqualTo(stream.ToArray()));
        }
    }

    [Test]
    public async Task A_refused_write_leaves_the_encoder_as_it_was()
    {
        Encoding encoding = s_encodings["iso-2022-jp"];
        var channel = new ByteChannel();
        await using TextWriter text = channel.Writer.AsTextWriter(encoding);
        Assert.CatchAsync<OperationCanceledException>(() => text.WriteAsync("本".AsMemory(), new CancellationToken(true)));
        await text.WriteAsync("日").Soon();
        await text.DisposeAsync();
        await channel.Writer.CompleteAsync().Soon();
        Assert.That(await channel.Reader.ReadToEndAsync(100).Soon(), Is.EqualTo(encoding.GetBytes("日")));
    }

    [Test]
    public async Task A_flush_after_the_end_of_the_channel_has_nothing_to_say([Values] bool async)
    {
        var channel = new ByteChannel();
        TextWriter text = channel.Writer.AsTextWriter();
        await text.WriteAsync("text").Soon();
        await channel.Writer.CompleteAsync().Soon();
        await (async ? text.FlushAsync() : Task.Run(text.Flush)).Soon();
        await text.DisposeAsync();
    }

    private static async Task StepAsync(int kind, string piece, TextWriter text, StreamWriter expected)
    {
        switch (kind)
        {
            case 0:
                await text.FlushAsync().Soon();
                await expected.FlushAsync();
                break;
            case 1:
                await Task.Run(text.Flush).Soon();
                await expected.FlushAsync();
                break;
            case 2:
                text.Write(piece);
                await expected.WriteAsync(piece);
                break;
            default:
                await text.WriteAsync(piece.AsMemory()).Soon();
                await expected.WriteAsync(piece);
                break;
        }
    }
}
