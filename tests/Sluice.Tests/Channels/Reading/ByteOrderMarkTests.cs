using System.Buffers;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

/// <summary>U+FEFF at the start of a channel, in every form in which lines and text are read.</summary>
[Parallelizable]
public sealed class ByteOrderMarkTests
{
    private static readonly string[] s_encodings = ["utf-8", "utf-16", "utf-16BE", "utf-32", "utf-32BE"];

    [Test]
    public async Task A_mark_is_skipped_wherever_it_is_cut([ValueSource(nameof(s_encodings))] string name, [Values(1, 2, 3, 4, 5, 1000)] int size)
    {
        (byte[] bytes, LineReadOptions options) = Marked(name, "one\r\n\uFEFFtwo\nend");
        string[] lines = ["one", "\uFEFFtwo", "end"];
        Assert.That(await LinesAsync(Channel(), options), Is.EqualTo(lines), "strings");
        Assert.That(await ByteLinesAsync(Channel(), options), Is.EqualTo(lines), "bytes");
        Assert.That(await CharLinesAsync(Channel(), options), Is.EqualTo(lines), "characters");
        Assert.That(await FramesAsync(Channel(), options), Is.EqualTo(lines), "frames");
        Assert.That(await Channel().AsTextReader(options).ReadToEndAsync(), Is.EqualTo("one\r\n\uFEFFtwo\nend"), "a text reader");

        TextReader reader = Channel().AsTextReader(options);
        Assert.That((reader.Peek(), reader.Peek(), reader.Read(), reader.ReadLine(), reader.Read()), Is.EqualTo(('o', 'o', 'o', "ne", '\uFEFF')));

        ByteReadChannel Channel() => ScriptedSource.Channel(bytes, size);
    }

    [TestCase("", "")]
    [TestCase("\n", "|")]
    [TestCase("\r\n", "|")]
    [TestCase("\n\n", "||")]
    public async Task A_mark_alone_is_no_line_and_one_before_an_ending_is_an_empty_line(string rest, string lines)
    {
        string[] expected = lines.Split('|')[..^1];
        foreach (string name in s_encodings)
        {
            foreach (int size in (int[])[1, 2, 1000])
            {
                (byte[] bytes, LineReadOptions options) = Marked(name, rest, requireEnding: true);
                ByteReadChannel channel = ScriptedSource.Channel(bytes, size);
                Assert.That(await LinesAsync(channel, options), Is.EqualTo(expected), $"{name} in pieces of {size}");
                Assert.That(channel.TotalBytesRead, Is.EqualTo(bytes.Length));
                Assert.That(await ByteLinesAsync(ScriptedSource.Channel(bytes, size), options), Is.EqualTo(expected));
                Assert.That(await FramesAsync(ScriptedSource.Channel(bytes, size), options), Is.EqualTo(expected));
                Assert.That(await ScriptedSource.Channel(bytes, size).AsTextReader(options).ReadToEndAsync(), Is.EqualTo(rest));
            }
        }
    }

    [Test]
    public async Task A_mark_stays_where_it_is_asked_for([Values(1, 2, 1000)] int size)
    {
        var keep = new LineReadOptions { SkipByteOrderMark = false };
        byte[] bytes = [0xEF, 0xBB, 0xBF, (byte)'a', (byte)'\n'];
        Assert.That(await LinesAsync(ScriptedSource.Channel(bytes, size), keep), Is.EqualTo(new[] { "\uFEFFa" }));
        Assert.That(await ScriptedSource.Channel(bytes, size).AsTextReader(keep).ReadToEndAsync(), Is.EqualTo("\uFEFFa\n"));
    }

    [Test]
    public async Task Bytes_that_are_a_mark_of_another_encoding_stay([Values(1, 2, 1000)] int size)
    {
        byte[] utf8 = [0xEF, 0xBB, 0xBF, (byte)'a', (byte)'\n'];
        var latin = new LineReadOptions { Encoding = Encoding.Latin1 };
        Assert.That(await LinesAsync(ScriptedSource.Channel(utf8, size), latin), Is.EqualTo(new[] { "ï»¿a" }));
        var strict = new LineReadOptions { Encoding = Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ReplacementFallback) };
        Assert.That(await LinesAsync(ScriptedSource.Channel(utf8, size), strict), Is.EqualTo(new[] { "???a" }));
        byte[] utf16 = [0xFF, 0xFE, (byte)'\n'];
        Assert.That(await LinesAsync(ScriptedSource.Channel(utf16, size), LineReadOptions.Default), Is.EqualTo(new[] { "\uFFFD\uFFFD" }));
    }

    [Test]
    public async Task Half_a_mark_is_what_the_decoder_makes_of_it([Values(1, 2, 1000)] int size)
    {
        foreach (byte[] bytes in (byte[][])[[0xEF], [0xEF, 0xBB], [0xEF, 0xBB, (byte)'a'], [0xEF, (byte)'\n']])
        {
            string text = Encoding.UTF8.GetString(bytes);
            Assert.That(await LinesAsync(ScriptedSource.Channel(bytes, size), LineReadOptions.Default), Is.EqualTo(new[] { text.TrimEnd('\n') }));
            Assert.That(await ScriptedSource.Channel(bytes, size).AsTextReader().ReadToEndAsync(), Is.EqualTo(text));
        }
    }

    [Test]
    public async Task A_mark_does_not_count_towards_the_limit([Values(1, 2, 1000)] int size)
    {
        var one = new LineReadOptions { MaxLength = 1 };
        byte[] bytes = [0xEF, 0xBB, 0xBF, (byte)'a', (byte)'\n', (byte)'b', (byte)'c', (byte)'\n'];
        ByteReadChannel channel = ScriptedSource.Channel(bytes, size);
        Assert.That(await channel.ReadLineAsync(one), Is.EqualTo("a"));
        Assert.ThrowsAsync<LineTooLongException>(async () => await channel.ReadLineAsync(one));
        Assert.That(await channel.ReadLineAsync(), Is.EqualTo("bc"));
        Assert.That(await FramesAsync(ScriptedSource.Channel(bytes.AsSpan(0, 5), size), one), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task A_cancelled_read_of_the_first_line_consumes_no_mark()
    {
        Feed feed = Feed.OverPipe();
        await feed.WriteAsync([0xEF, 0xBB, 0xBF, (byte)'a']);
        using var cancellation = new CancellationTokenSource();
        Task<string?> reading = feed.Input.ReadLineAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => reading.Soon());
        Assert.That(feed.Input.TotalBytesRead, Is.Zero);
        await feed.WriteAsync([(byte)'\n']);
        Assert.That(await feed.Input.ReadLineAsync().Soon(), Is.EqualTo("a"));
        Assert.That(feed.Input.TotalBytesRead, Is.EqualTo(5));
    }

    private static (byte[] Bytes, LineReadOptions Options) Marked(string name, string text, bool requireEnding = false)
    {
        var encoding = Encoding.GetEncoding(name);
        return (encoding.GetBytes("\uFEFF" + text), new LineReadOptions { Encoding = encoding, RequireEnding = requireEnding });
    }

    private static async Task<List<string>> LinesAsync(ByteReadChannel channel, LineReadOptions options) =>
        await channel.ReadLinesAsync(options).ToListAsync();

    private static async Task<List<string>> FramesAsync(ByteReadChannel channel, LineReadOptions options) =>
        await channel.ReadFramesAsync(FrameDecoder.Lines(options)).ToListAsync();

    private static async Task<List<string>> ByteLinesAsync(ByteReadChannel channel, LineReadOptions options)
    {
        var lines = new List<string>();
        while (await channel.ReadLineBytesAsync(options) is { } line)
        {
            lines.Add(options.Encoding.GetString(line.ToArray()));
        }

        return lines;
    }

    private static async Task<List<string>> CharLinesAsync(ByteReadChannel channel, LineReadOptions options)
    {
        var lines = new List<string>();
        for (var line = new ArrayBufferWriter<char>(); await channel.ReadLineAsync(line, options); line = new ArrayBufferWriter<char>())
        {
            lines.Add(line.WrittenSpan.ToString());
        }

        return lines;
    }
}
