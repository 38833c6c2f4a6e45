using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>The characters of a channel's text reader, beside those of <see cref="StreamReader"/>.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TextDecodingTests
{
    private static readonly string[] s_pieces = ["a", "\n", "7", "é", "日本", "😀", "\ufffd", "x", new('y', 30)];

    private static readonly Dictionary<string, Encoding> s_encodings = new()
    {
        ["utf-8"] = Encoding.UTF8,
        ["utf-16"] = Encoding.Unicode,
        ["utf-16BE"] = Encoding.BigEndianUnicode,
        ["utf-32"] = Encoding.UTF32,
        ["us-ascii"] = Encoding.ASCII,
        ["iso-8859-1"] = Encoding.Latin1,
        ["gb18030"] = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!,
        ["shift_jis"] = CodePagesEncodingProvider.Instance.GetEncoding("shift_jis")!,
        ["euc-jp"] = CodePagesEncodingProvider.Instance.GetEncoding("euc-jp")!,
        ["big5"] = CodePagesEncodingProvider.Instance.GetEncoding("big5")!,
        ["ks_c_5601-1987"] = CodePagesEncodingProvider.Instance.GetEncoding("ks_c_5601-1987")!,
    };

    private static IEnumerable<string> Encodings => s_encodings.Keys;

    [Test]
    public async Task It_reads_what_a_stream_reader_reads_however_the_bytes_come(
        [ValueSource(nameof(Encodings))] string name, [Values(null, "", "?", "[?]")] string? replacement)
    {
        var random = new Random(17);
        Encoding encoding = With(s_encodings[name], replacement);
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = Bytes(encoding, random);
            string expected = await new StreamReader(new MemoryStream(bytes), encoding, detectEncodingFromByteOrderMarks: false).ReadToEndAsync();
            if (expected.StartsWith('\ufeff'))
            {
                continue;
            }

            ByteReadChannel input = ScriptedSource.Channel(bytes, [.. Enumerable.Range(0, 10).Select(_ => random.Next(1, 9)), random.Next(1, 60)]);
            using TextReader text = input.AsTextReader(new LineReadOptions { Encoding = encoding });
            Assert.That(await ReadAsync(text, random.Next(4), random).Soon(), Is.EqualTo(expected), Convert.ToHexString(bytes));
            Assert.That(input.TotalBytesRead, Is.EqualTo(bytes.Length));
        }
    }

    [Test]
    public async Task Many_invalid_bytes_are_read_at_once([Values("utf-8", "us-ascii", "gb18030")] string name, [Values("", "[invalid]")] string replacement)
    {
        Encoding encoding = With(s_encodings[name], replacement);
        byte[] bytes = [.. Enumerable.Repeat((byte)0xFF, 30_000), (byte)'a', (byte)'\n'];
        using TextReader text = ByteReadChannel.FromBytes(bytes).AsTextReader(new LineReadOptions { Encoding = encoding });
        Assert.That(await text.ReadToEndAsync().Soon(), Is.EqualTo(encoding.GetString(bytes)));
    }

    [Test]
    public void A_replacement_is_read_character_by_character_and_before_a_line()
    {
        byte[] bytes = [(byte)'a', 0xFF, (byte)'b', (byte)'\n', (byte)'c'];
        using TextReader text = ByteReadChannel.FromBytes(bytes).AsTextReader(new LineReadOptions { Encoding = With(Encoding.UTF8, "[?]") });
        Assert.That(text.Read(), Is.EqualTo('a'));
        Assert.That((text.Peek(), text.Read(), text.Peek()), Is.EqualTo(('[', '[', '?')));
        Assert.That(text.ReadLine(), Is.EqualTo("?]b"));
        Assert.That(text.ReadToEnd(), Is.EqualTo("c"));
    }

    [Test]
    public async Task After_an_invalid_sequence_the_channel_goes_on_where_the_text_does()
    {
        // The last byte shows that the first is invalid. The three after that are characters of their own.
        ByteReadChannel input = ByteReadChannel.FromBytes((byte[])[0xFC, 0x37, 0x32, 0x4F]);
        using TextReader text = input.AsTextReader(new LineReadOptions { Encoding = s_encodings["gb18030"] });
        Assert.That(text.Read(), Is.EqualTo(s_encodings["gb18030"].GetString([0xFC])[0]));
        Assert.That(input.TotalBytesRead, Is.EqualTo(1));
        Assert.That(text.Read(), Is.EqualTo('7'));
        Assert.That(await input.ReadByteAsync().Soon(), Is.EqualTo(0x32));
        Assert.That(await text.ReadToEndAsync().Soon(), Is.EqualTo("O"));
    }

    private static Encoding With(Encoding encoding, string? replacement)
    {
        var copy = (Encoding)encoding.Clone();
        copy.DecoderFallback = replacement is null ? encoding.DecoderFallback : new DecoderReplacementFallback(replacement);
        return copy;
    }

    private static byte[] Bytes(Encoding encoding, Random random)
    {
        byte[] bytes = encoding.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => s_pieces[random.Next(s_pieces.Length)])));
        switch (bytes.Length == 0 ? 3 : random.Next(3))
        {
            case 0:
                random.NextBytes(bytes);
                return bytes;
            case 1:
                for (int i = random.Next(4); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                return bytes;
            default:
                return bytes[..random.Next(bytes.Length + 1)];
        }
    }

    private static async Task<string> ReadAsync(TextReader text, int way, Random random)
    {
        var read = new StringBuilder();
        char[] buffer = new char[100];
        while (true)
        {
            int count;
            if (way == 0)
            {
                int peeked = text.Peek();
                int one = text.Read();
                Assert.That(one, Is.EqualTo(peeked));
                buffer[0] = (char)one;
                count = one < 0 ? 0 : 1;
            }
            else
            {
                count = await text.ReadAsync(buffer.AsMemory(0, way == 1 ? random.Next(1, 4) : random.Next(1, 100)));
            }

            if (count == 0)
            {
                return read.ToString();
            }

            read.Append(buffer, 0, count);
        }
    }
}
