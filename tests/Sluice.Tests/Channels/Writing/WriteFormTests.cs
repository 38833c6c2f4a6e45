using System.Globalization;
using System.Text;
using CsCheck;

namespace Sluice.Tests.Channels.Writing;

/// <summary>What single forms of writing do that others do not.</summary>
[TestFixture]
[Parallelizable]
public sealed class WriteFormTests
{
    private const int Mark = ByteWriteChannel.HighWaterMark;

    [Test]
    public void A_variable_length_integer_comes_back() =>
        Gen.Select(Gen.Long, Gen.ULong, Gen.Int, Gen.UInt, Gen.Short, Gen.SByte, Gen.Int[0, 63]).SampleAsync(
            async (a, b, c, d, e, f, shift) =>
            {
                var channel = new ByteChannel();
                await channel.Writer.WriteVarIntAsync(a >> shift);
                await channel.Writer.WriteVarIntAsync(b >> shift);
                await channel.Writer.WriteVarIntAsync(c);
                await channel.Writer.WriteVarIntAsync(d);
                await channel.Writer.WriteVarIntAsync(e);
                await channel.Writer.WriteVarIntAsync(f);
                Assert.That(await channel.Reader.ReadVarIntAsync<long>(), Is.EqualTo(a >> shift));
                Assert.That(await channel.Reader.ReadVarIntAsync<ulong>(), Is.EqualTo(b >> shift));
                Assert.That(await channel.Reader.ReadVarIntAsync<int>(), Is.EqualTo(c));
                Assert.That(await channel.Reader.ReadVarIntAsync<uint>(), Is.EqualTo(d));
                Assert.That(await channel.Reader.ReadVarIntAsync<short>(), Is.EqualTo(e));
                Assert.That(await channel.Reader.ReadVarIntAsync<sbyte>(), Is.EqualTo(f));
                Assert.That(channel.Reader.AvailableForRead, Is.Zero);
            }, iter: 2000, threads: 1).GetAwaiter().GetResult();

    [Test]
    public void A_variable_length_integer_of_more_than_64_bits_is_refused() =>
        Assert.Throws<NotSupportedException>(() => _ = new ByteChannel().Writer.WriteVarIntAsync((Int128)1).AsTask());

    [Test]
    public async Task The_channels_byte_order_is_that_of_numbers_where_the_call_does_not_say()
    {
        var channel = new ByteChannel();
        await channel.Writer.WriteUInt16Async(1);
        channel.Writer.ByteOrder = ByteOrder.LittleEndian;
        await channel.Writer.WriteUInt16Async(1);
        await channel.Writer.WriteUInt16Async(1, ByteOrder.BigEndian);
        Assert.That(await channel.Reader.ReadExactlyAsync(6), Is.EqualTo((byte[])[0, 1, 1, 0, 0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => channel.Writer.ByteOrder = (ByteOrder)2);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = channel.Writer.WriteInt32Async(1, (ByteOrder)2).AsTask());
        Assert.That(channel.Writer.TotalBytesWritten, Is.EqualTo(6));
    }

    [Test]
    public async Task A_length_is_put_before_what_is_written_to_the_buffer_itself([Values(0, 1, 127, 128, 5000, 16_384)] int length)
    {
        foreach (LengthPrefix prefix in (LengthPrefix[])[LengthPrefix.VarInt, new(2), new(4, ByteOrder.LittleEndian, includesItself: true)])
        {
            var channel = new ByteChannel();
            await channel.Writer.WritePrefixedAsync(prefix, ByteWriteChannel.MaxPrefixedRoom, length, static (room, count) =>
            {
                Assert.That(room.Length, Is.EqualTo(ByteWriteChannel.MaxPrefixedRoom));
                Pattern.Bytes(count, 0).CopyTo(room);
                return count;
            }).Soon();
            Pattern.Check(await channel.Reader.ReadPrefixedBytesAsync(prefix, length).Soon(), 0);
            Assert.That(channel.Reader.AvailableForRead, Is.Zero);
        }
    }

    [Test]
    public async Task Where_writing_to_the_buffer_fails_nothing_is_written()
    {
        var channel = new ByteChannel();
        ByteWriteChannel output = channel.Writer;
        Assert.Throws<FormatException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(1), 10, 0, static (_, _) => throw new FormatException()).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(1), 10, 0, static (_, _) => 11).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(1), 10, 0, static (_, _) => -1).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(1), 300, 0, static (_, _) => 256).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(1), Mark, 0, static (_, _) => 0).AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = output.WritePrefixedAsync(new LengthPrefix(1), 10, output, static (room, itself) =>
        {
            _ = itself.WriteByteAsync(1).AsTask();
            return 0;
        }).AsTask());
        Assert.That(output.TotalBytesWritten, Is.Zero);
        await output.WriteByteAsync(5).Soon();
        Assert.That(await channel.Reader.ReadByteAsync().Soon(), Is.EqualTo(5));
    }

    [Test]
    public async Task A_text_with_its_length_may_be_of_any_length([Values(0, 1, 127, 128, 20_000, 100_000)] int length)
    {
        var channel = new ByteChannel();
        string text = new('é', length);
        Task writing = channel.Writer.WritePrefixedStringAsync(LengthPrefix.VarInt, text).AsTask();
        Assert.That(await channel.Reader.ReadPrefixedStringAsync(LengthPrefix.VarInt, length * 2).Soon(), Is.EqualTo(text));
        await writing.Soon();
    }

    [Test]
    public async Task Bytes_in_parts_larger_than_the_buffer_arrive_whole()
    {
        const int length = 500_000;
        var channel = new ByteChannel();
        Task writing = channel.Writer.WriteAsync(WriteOperations.Cut(Pattern.Bytes(length, 0), 70_001)).AsTask();
        Pattern.Check(await channel.Reader.ReadExactlyAsync(length).Soon(), 0);
        await writing.Soon();
    }

    [Test]
    public async Task An_interpolated_string_is_formatted_as_one_with_the_invariant_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            double number = 1234.5;
            var moment = new DateTime(2026, 11, 23, 1, 2, 3, DateTimeKind.Utc);
            object? nothing = null;
            string longer = new('☃', 1000);
            var channel = new ByteChannel();
            await channel.Writer.WriteAsync(
                $"{number}|{number:N2}|{number,12:F1}|{number,-12:F1}|{moment:O}|{nothing}|{longer}|{'c'}|{"é",4}|{DayOfWeek.Monday}|{Guid.Empty}").Soon();
            await channel.Writer.WriteAsync($"{"bytes"u8}{longer.AsSpan()}").Soon();
            await channel.Writer.CompleteAsync().Soon();
            string expected = string.Create(
                CultureInfo.InvariantCulture,
                $"{number}|{number:N2}|{number,12:F1}|{number,-12:F1}|{moment:O}|{nothing}|{longer}|{'c'}|{"é",4}|{DayOfWeek.Monday}|{Guid.Empty}");
            Assert.That(Encoding.UTF8.GetString(await channel.Reader.ReadToEndAsync(100_000).Soon()), Is.EqualTo(expected + "bytes" + longer));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void A_hole_that_throws_leaves_the_channel_as_it_was()
    {
        var channel = new ByteChannel();
        Assert.Throws<FormatException>(() => _ = channel.Writer.WriteAsync($"before {Fail()} behind").AsTask());
        Assert.That(channel.Writer.WriteByteAsync(1).AsTask().IsCompletedSuccessfully, Is.True);
        Assert.That(channel.Writer.TotalBytesWritten, Is.EqualTo(1));

        static int Fail() => throw new FormatException();
    }

    [Test]
    public void How_much_can_be_written_without_waiting_is_said()
    {
        var channel = new ByteChannel(new ByteChannelOptions { AutoFlush = false });
        Assert.That(channel.Writer.AvailableForWrite, Is.EqualTo(Mark));
        Assert.That(channel.Writer.WriteAsync(new byte[Mark - 1]).AsTask().IsCompleted, Is.True);
        Assert.That(channel.Writer.AvailableForWrite, Is.EqualTo(1));
        Assert.That(channel.Writer.FlushAsync().AsTask().IsCompleted, Is.True);
        Assert.That(channel.Writer.AvailableForWrite, Is.EqualTo(Mark));
    }

    [Test]
    public async Task A_text_writer_writes_what_it_is_given_in_pieces_of_any_size()
    {
        string text = string.Concat(Enumerable.Repeat("a𝄞é☃", 2000));
        for (int size = 1; size < 2000; size = (size * 3) + 1)
        {
            var channel = new ByteChannel();
            Task<byte[]> reading = channel.Reader.ReadToEndAsync(text.Length * 4).AsTask();
            await using (TextWriter writer = channel.Writer.AsTextWriter())
            {
                for (int at = 0; at < text.Length; at += size)
                {
                    await writer.WriteAsync(text.AsMemory(at, Math.Min(size, text.Length - at))).Soon();
                }
            }

            await channel.Writer.CompleteAsync().Soon();
            Assert.That(Encoding.UTF8.GetString(await reading.Soon()), Is.EqualTo(text));
        }
    }

    [Test]
    public async Task Every_form_of_a_text_writer_writes_the_same_as_a_string_writer()
    {
        var channel = new ByteChannel();
        channel.Writer.NewLine = "\n";
        using var expected = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (TextWriter writer = channel.Writer.AsTextWriter(Encoding.Unicode))
        {
            await WriteAsync(expected);
            await WriteAsync(writer);
        }

        await channel.Writer.CompleteAsync().Soon();
        Assert.That(Encoding.Unicode.GetString(await channel.Reader.ReadToEndAsync(10_000).Soon()), Is.EqualTo(expected.ToString()));

        static async Task WriteAsync(TextWriter writer)
        {
            writer.Write('c');
            writer.Write("text");
            writer.Write((string?)null);
            writer.Write(['a', 'b']);
            writer.Write(['a', 'b', 'c'], 1, 2);
            writer.Write("span".AsSpan());
            writer.Write(1.5);
            writer.Write("{0} of {1}", 1, 2.5);
            writer.WriteLine();
            writer.WriteLine("line");
            writer.WriteLine(true);
            writer.WriteLine("line".AsSpan());
            await writer.WriteAsync('d');
            await writer.WriteAsync("later");
            await writer.WriteAsync(['x', 'y', 'z'], 0, 2);
            await writer.WriteLineAsync();
            await writer.WriteLineAsync("later");
            await writer.WriteLineAsync('e');
            await writer.WriteLineAsync(['x', 'y', 'z'], 1, 2);
            await writer.WriteLineAsync("later".AsMemory());
            await writer.FlushAsync();
            writer.Flush();
        }
    }
}
