using System.Buffers;
using System.Text;
using Sluice.Channels.Reading;

namespace Sluice.Tests.Channels.Reading;

[Parallelizable]
public sealed class LineEndingFinderTests
{
    [Test]
    public void A_scanner_finds_what_a_plain_search_finds_however_the_bytes_are_cut(
        [Values("us-ascii", "utf-8", "utf-16", "utf-16BE", "utf-32")] string name, [Values] LineEnding ending)
    {
        const int seed = 21;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        Encoding encoding = Encoding.GetEncoding(name);
        var finder = new LineEndingFinder(encoding, ending);
        int unit = encoding.GetByteCount("\n");
        Assert.That(finder.Unit, Is.EqualTo(unit));
        Assert.That(finder.IsLenient, Is.EqualTo(ending == LineEnding.Lenient));

        for (int i = 0; i < 20_000; i++)
        {
            string alphabet = unit == 1 ? "aab\r\n" : "aa\u0A0D\u0D0A\r\n";
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]));

            // Perhaps with a character at the end that has not come whole.
            byte[] bytes = encoding.GetBytes(text);
            int cut = random.Next(unit);
            bytes = bytes[..Math.Max(0, bytes.Length - cut)];
            text = text[..(bytes.Length / unit)];
            ReadOnlySequence<byte> sequence = Cut(bytes, random);

            int found = ending == LineEnding.Lenient ? text.AsSpan().IndexOfAny('\r', '\n') : text.IndexOf('\n', StringComparison.Ordinal);
            int from = random.Next(found < 0 ? text.Length + 1 : found + 1);
            string what = $"{Show(text)} + {bytes.Length % unit} bytes, from {from}";
            Assert.That(
                finder.TryFind(sequence, from * unit, out long length, out long consumed, out bool openReturn), Is.EqualTo(found >= 0), what);
            if (found >= 0)
            {
                bool pair = text.AsSpan(found).StartsWith("\r\n");
                int end = text[found] == '\n' && found > 0 && text[found - 1] == '\r' ? found - 1 : found;
                Assert.That(length, Is.EqualTo(end * unit), what);
                Assert.That(consumed, Is.EqualTo((found + (pair ? 2 : 1)) * unit), what);
                Assert.That(openReturn, Is.EqualTo(text[found] == '\r' && found == text.Length - 1), what);
            }
            else
            {
                // Too long if no ending that may follow makes it short enough: neither at once, nor after the CR at its end.
                int limit = random.Next(1, (text.Length * unit) + 2);
                int shortest = text.EndsWith('\r') ? text.Length - 1 : text.Length;
                Assert.That(finder.IsOver(sequence, limit), Is.EqualTo(shortest * unit > limit), $"{what}, limit {limit}");
            }

            Assert.That(finder.StartsWithLineFeed(sequence), Is.EqualTo(text.StartsWith('\n')), what);
        }
    }

    private static string Show(string text) => text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static ReadOnlySequence<byte> Cut(byte[] bytes, Random random)
    {
        var first = new Segment(ReadOnlyMemory<byte>.Empty);
        Segment last = first;
        for (int done = 0; done < bytes.Length;)
        {
            int count = Math.Min(random.Next(0, 6), bytes.Length - done);
            last = last.Append(bytes.AsMemory(done, count));
            done += count;
        }

        return random.Next(3) == 0 ? new ReadOnlySequence<byte>(bytes) : new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
