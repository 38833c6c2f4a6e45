using System.Buffers;
using System.Text;
using CsCheck;

namespace Sluice.Tests.Channels.Framing;

/// <summary>What one side frames, the other reads; what it would read otherwise is refused.</summary>
[TestFixture]
[Parallelizable]
public sealed class FrameEncoderTests
{
    private static readonly LengthPrefix[] s_prefixes =
    [
        .. from size in Enumerable.Range(1, 8)
           from order in (ByteOrder[])[ByteOrder.BigEndian, ByteOrder.LittleEndian]
           from includes in (bool[])[false, true]
           select new LengthPrefix(size, order, includes),
        LengthPrefix.VarInt,
    ];

    [Test]
    public void Frames_of_every_kind_come_back_as_they_were_however_they_are_cut() =>
        Gen.Select(Gen.Byte[(byte)'a', (byte)'c'].Array[0, 20].Array[0, 10], Gen.Int[1, 7], Gen.Int[0, s_prefixes.Length - 1]).SampleAsync(
            async (frames, fragment, prefix) =>
            {
                await CheckAsync(frames, fragment, FrameEncoder.LengthPrefixed(s_prefixes[prefix], 20), FrameDecoder.LengthPrefixed(s_prefixes[prefix], 20));
                await CheckAsync(frames, fragment, FrameEncoder.Delimited("dad"u8.ToArray(), 20), FrameDecoder.Delimited("dad"u8.ToArray(), 20));
                byte[][] five = [.. frames.Where(frame => frame.Length >= 5).Select(frame => frame[..5])];
                await CheckAsync(five, fragment, FrameEncoder.FixedSize(5), FrameDecoder.FixedSize(5));
            }, iter: 300, threads: 1).GetAwaiter().GetResult();

    [Test]
    public void A_frame_that_a_delimiter_would_cut_elsewhere_is_refused_and_any_other_comes_back() =>
        Gen.Select(Gen.Byte[(byte)'a', (byte)'b'].Array[0, 6], Gen.Byte[(byte)'a', (byte)'b'].Array[1, 4]).SampleAsync(
            async (frame, delimiter) =>
            {
                IFrameEncoder<ReadOnlySequence<byte>> encoder = FrameEncoder.Delimited(delimiter, 20);
                bool ambiguous = ((byte[])[.. frame, .. delimiter]).AsSpan().IndexOf(delimiter) != frame.Length;
                if (ambiguous)
                {
                    Assert.Throws<ArgumentException>(() => _ = new ByteChannel().Writer.WriteFrameAsync(encoder, frame).AsTask());
                    Assert.Throws<ArgumentException>(() => encoder.Encode(WriteOperations.Cut(frame, 1), new ArrayBufferWriter<byte>()));
                }
                else
                {
                    await CheckAsync([frame], 1, encoder, FrameDecoder.Delimited(delimiter, 20));
                }
            }, iter: 2000, threads: 1).GetAwaiter().GetResult();

    [TestCase("\r\n")]
    [TestCase("\n")]
    [TestCase("\r")]
    public async Task Lines_come_back_as_they_were(string newLine)
    {
        var channel = new ByteChannel(new ByteChannelOptions { MaxFragment = 1 });
        string[] lines = ["", "one", "zwölf", ""];
        foreach (string line in lines)
        {
            await channel.Writer.WriteFrameAsync(FrameEncoder.Lines(newLine, Encoding.Unicode), line).Soon();
        }

        await channel.Writer.CompleteAsync().Soon();
        var options = new LineReadOptions { Encoding = Encoding.Unicode, Ending = LineEnding.Lenient };
        Assert.That(await channel.Reader.ReadFramesAsync(FrameDecoder.Lines(options)).ToArrayAsync(), Is.EqualTo(lines));
    }

    [TestCase("a\rb")]
    [TestCase("a\n")]
    [TestCase("\r\n")]
    public void A_line_with_an_ending_in_it_is_refused(string line)
    {
        var channel = new ByteChannel();
        Assert.Throws<ArgumentException>(() => _ = channel.Writer.WriteFrameAsync(FrameEncoder.Lines(), line).AsTask());
        Assert.That(channel.Writer.TotalBytesWritten, Is.Zero);
        Assert.Throws<ArgumentException>(() => FrameEncoder.Lines("\t"));
    }

    [Test]
    public async Task A_frame_that_does_not_fit_is_refused_and_nothing_of_it_written()
    {
        var channel = new ByteChannel();
        ByteWriteChannel output = channel.Writer;
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.LengthPrefixed(LengthPrefix.VarInt, 2), new byte[3]).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.LengthPrefixed(new LengthPrefix(1), 1000), new byte[256]).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.FixedSize(3), new byte[2]).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.Delimited("x"u8.ToArray(), 3), new byte[4]).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(2, includesItself: true), new byte[65_534]).AsTask());
        Assert.That(output.TotalBytesWritten, Is.Zero);
        await output.WritePrefixedAsync(new LengthPrefix(2, includesItself: true), new byte[65_533]).Soon();
        Assert.That(await channel.Reader.ReadUInt16Async().Soon(), Is.EqualTo(65_535));
    }

    [Test]
    public async Task A_frame_larger_than_the_buffer_is_written_piece_by_piece()
    {
        const int length = 1_000_000;
        var channel = new ByteChannel();
        Task writing = channel.Writer.WriteFrameAsync(FrameEncoder.LengthPrefixed(LengthPrefix.VarInt, length), Pattern.Bytes(length, 0)).AsTask();
        Assert.That(writing.IsCompleted, Is.False);
        Pattern.Check(await channel.Reader.ReadPrefixedBytesAsync(LengthPrefix.VarInt, length).Soon(), 0);
        await writing.Soon();
    }

    [Test]
    public async Task A_user_can_write_an_encoder_and_what_it_throws_comes_out_with_nothing_written()
    {
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = 1 });
        await channel.Writer.WriteFrameAsync(new Repeated(), 3).Soon();
        Assert.That(await channel.Reader.ReadExactlyAsync(3).Soon(), Is.EqualTo((byte[])[3, 3, 3]));
        Task large = channel.Writer.WriteFrameAsync(new Repeated(), 200_000).AsTask();
        Assert.That(large.IsCompleted, Is.False);
        Assert.That(await channel.Reader.ReadExactlyAsync(200_000).Soon(), Has.All.EqualTo(unchecked((byte)200_000)));
        await large.Soon();
        Assert.Throws<FormatException>(() => _ = channel.Writer.WriteFrameAsync(new Repeated(), -1).AsTask());
        Assert.That(channel.Writer.TotalBytesWritten, Is.EqualTo(200_003));
        await channel.Writer.WriteFrameAsync(new Repeated(), 1).Soon();
    }

    private static async Task CheckAsync(
        byte[][] frames, int fragment, IFrameEncoder<ReadOnlySequence<byte>> encoder, IFrameDecoder<ReadOnlySequence<byte>> decoder)
    {
        var channel = new ByteChannel(new ByteChannelOptions { MaxFragment = fragment });
        foreach (byte[] frame in frames)
        {
            await channel.Writer.WriteFrameAsync(encoder, WriteOperations.Cut(frame, fragment)).Soon();
        }

        await channel.Writer.CompleteAsync().Soon();
        var got = new List<byte[]>();
        await foreach (ReadOnlySequence<byte> frame in channel.Reader.ReadFramesAsync(decoder))
        {
            got.Add(frame.ToArray());
        }

        Assert.That(got, Is.EqualTo(frames));
    }

    /// <summary>A number as so many bytes of its own value.</summary>
    private sealed class Repeated : IFrameEncoder<int>
    {
        public void Encode(int frame, IBufferWriter<byte> output)
        {
            for (int left = Math.Abs(frame); left > 0;)
            {
                Span<byte> room = output.GetSpan();
                int count = Math.Min(room.Length, left);
                room[..count].Fill((byte)frame);
                output.Advance(count);
                left -= count;
            }

            if (frame < 0)
            {
                throw new FormatException("There is no such number.");
            }
        }
    }
}
