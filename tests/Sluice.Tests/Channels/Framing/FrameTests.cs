using System.Buffers;
using System.Text;

namespace Sluice.Tests.Channels.Framing;

[TestFixture]
[Parallelizable]
public sealed class FrameTests
{
    private static readonly string[] s_frames = ["one", "", "three 3", "x"];

    private static IEnumerable<TestCaseData> Prefixes()
    {
        for (int size = 1; size <= 8; size++)
        {
            foreach (ByteOrder order in Enum.GetValues<ByteOrder>())
            {
                yield return new TestCaseData(size, order, false);
                yield return new TestCaseData(size, order, true);
            }
        }
    }

    [TestCaseSource(nameof(Prefixes))]
    public async Task Frames_with_their_length_before_them_are_told_apart_however_they_are_cut(int size, ByteOrder order, bool includesItself)
    {
        var bytes = new List<byte>();
        foreach (string frame in s_frames)
        {
            byte[] prefix = new byte[size];
            prefix[order == ByteOrder.BigEndian ? size - 1 : 0] = (byte)(frame.Length + (includesItself ? size : 0));
            bytes.AddRange([.. prefix, .. Encoding.ASCII.GetBytes(frame)]);
        }

        await CheckAsync([.. bytes], FrameDecoder.LengthPrefixed(new LengthPrefix(size, order, includesItself), 7));
    }

    [Test]
    public Task Frames_with_a_variable_length_before_them_are_told_apart_however_they_are_cut() =>
        CheckAsync([.. s_frames.SelectMany(frame => (byte[])[(byte)(0x80 | frame.Length), 0, .. Encoding.ASCII.GetBytes(frame)])], FrameDecoder.LengthPrefixed(LengthPrefix.VarInt, 7));

    [TestCase("|")]
    [TestCase("--|")]
    [TestCase("\r\n\r\n")]
    public Task Frames_with_a_delimiter_are_told_apart_however_they_are_cut(string delimiter) =>
        CheckAsync(Encoding.ASCII.GetBytes(string.Concat(s_frames.Select(frame => frame + delimiter))), FrameDecoder.Delimited(Encoding.ASCII.GetBytes(delimiter), 7));

    [Test]
    public async Task Frames_of_a_fixed_size_end_with_the_stream_and_not_within_one()
    {
        ByteReadChannel input = ScriptedSource.Channel("abcdefgh"u8, 2);
        var got = new List<string>();
        EndOfStreamException failure = Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            await foreach (ReadOnlySequence<byte> frame in input.ReadFramesAsync(FrameDecoder.FixedSize(3)))
            {
                got.Add(Encoding.ASCII.GetString(frame));
            }
        })!;
        Assert.That(got, Is.EqualTo((string[])["abc", "def"]));
        Assert.That(failure.Message, Does.Contain(" 2 "));
        Assert.That(await input.ReadToEndAsync(2), Is.EqualTo("gh"u8.ToArray()));
    }

    [Test]
    public async Task Frames_that_are_lines_end_leniently_however_they_are_cut()
    {
        for (int size = 1; size < 12; size++)
        {
            ByteReadChannel input = ScriptedSource.Channel("one\r\ntwo\rthree\n\nlast"u8, size);
            var got = new List<string>();
            await foreach (string line in input.ReadFramesAsync(FrameDecoder.Lines(new LineReadOptions { Ending = LineEnding.Lenient })))
            {
                got.Add(line);
            }

            Assert.That(got, Is.EqualTo((string[])["one", "two", "three", "", "last"]));
        }
    }

    [Test]
    public async Task A_line_that_is_cut_off_is_no_frame()
    {
        ByteReadChannel input = ScriptedSource.Channel("20\n1000"u8, 1);

        Assert.That(await input.ReadFrameAsync(FrameDecoder.Lines()).Soon(), Is.EqualTo("20"));
        Assert.ThrowsAsync<EndOfStreamException>(async () => await input.ReadFrameAsync(FrameDecoder.Lines()).Soon());
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("1000"), "Nothing was consumed.");
    }

    [TestCase("abcd~", 3, 0)]
    [TestCase("ab~abcd~", 3, 3)]
    public void A_frame_over_the_limit_says_where_it_was(string sent, int limit, int position)
    {
        ByteReadChannel input = ScriptedSource.Channel(Encoding.ASCII.GetBytes(sent), 1);
        LimitExceededException failure = Assert.ThrowsAsync<LimitExceededException>(
            () => DrainAsync(input, FrameDecoder.Delimited("~"u8.ToArray(), limit)))!;
        Assert.That((failure.Limit, failure.Position), Is.EqualTo(((long)limit, (long)position)));
        Assert.That(input.TotalBytesRead, Is.EqualTo(position));
    }

    [Test]
    public void A_length_shorter_than_the_prefix_it_includes_is_no_length() =>
        Assert.ThrowsAsync<InvalidDataException>(() => DrainAsync(
            ByteReadChannel.FromBytes(new byte[] { 0, 1, 2 }), FrameDecoder.LengthPrefixed(new LengthPrefix(2, includesItself: true), 10)));

    [Test]
    public void A_prefix_of_the_largest_length_is_over_the_limit() =>
        Assert.ThrowsAsync<LimitExceededException>(() => DrainAsync(
            ByteReadChannel.FromBytes(Enumerable.Repeat((byte)0xFF, 20).ToArray()), FrameDecoder.LengthPrefixed(new LengthPrefix(8), int.MaxValue)));

    [Test]
    public void A_decoder_of_your_own_is_kept_to_its_bound()
    {
        var decoder = new NeverDecoder();
        LimitExceededException failure = Assert.ThrowsAsync<LimitExceededException>(
            () => DrainAsync(ScriptedSource.Channel(new byte[100], 1), decoder))!;
        Assert.That(failure.Limit, Is.EqualTo(decoder.MaxBuffered));
        Assert.That(decoder.Most, Is.EqualTo(decoder.MaxBuffered + 1));
    }

    private static async Task CheckAsync(byte[] bytes, IFrameDecoder<ReadOnlySequence<byte>> decoder)
    {
        for (int size = 1; size <= bytes.Length; size++)
        {
            ByteReadChannel input = ScriptedSource.Channel(bytes, size);
            var got = new List<string>();
            await foreach (ReadOnlySequence<byte> frame in input.ReadFramesAsync(decoder))
            {
                got.Add(Encoding.ASCII.GetString(frame));
            }

            Assert.That(got, Is.EqualTo(s_frames));
            Assert.That(input.TotalBytesRead, Is.EqualTo(bytes.Length));
        }
    }

    private static async Task DrainAsync<T>(ByteReadChannel input, IFrameDecoder<T> decoder)
    {
        await foreach (T _ in input.ReadFramesAsync(decoder))
        {
        }
    }

    private sealed class NeverDecoder : IFrameDecoder<int>
    {
        public long MaxBuffered => 10;

        public long Most { get; private set; }

        public bool TryDecode(in FrameInput input, out int frame, out long consumed)
        {
            Most = input.Buffered.Length;
            frame = 0;
            consumed = 0;
            return false;
        }
    }
}
