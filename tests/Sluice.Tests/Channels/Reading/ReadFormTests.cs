using System.Buffers;
using System.IO.Pipelines;
using System.Numerics;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

/// <summary>Behaviour particular to one way to read.</summary>
[TestFixture]
[Parallelizable]
public sealed class ReadFormTests
{
    [TestCase(0u, new byte[] { 0 })]
    [TestCase(127u, new byte[] { 0x7F })]
    [TestCase(128u, new byte[] { 0x80, 1 })]
    [TestCase(624485u, new byte[] { 0xE5, 0x8E, 0x26 })]
    [TestCase(uint.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    public Task A_variable_length_integer_is_read_however_it_is_cut(uint value, byte[] bytes) => CheckVarIntAsync(value, bytes);

    [TestCase(-1L, new byte[] { 0x7F })]
    [TestCase(63L, new byte[] { 0x3F })]
    [TestCase(64L, new byte[] { 0xC0, 0 })]
    [TestCase(-123456L, new byte[] { 0xC0, 0xBB, 0x78 })]
    [TestCase(long.MinValue, new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F })]
    [TestCase(long.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0 })]
    public Task A_signed_variable_length_integer_has_its_sign_in_the_last_byte(long value, byte[] bytes) => CheckVarIntAsync(value, bytes);

    [Test]
    public async Task The_smallest_and_the_largest_of_each_size_are_read()
    {
        await CheckVarIntAsync(sbyte.MinValue, [0x80, 0x7F]);
        await CheckVarIntAsync(short.MinValue, [0x80, 0x80, 0x7E]);
        await CheckVarIntAsync(int.MinValue, [0x80, 0x80, 0x80, 0x80, 0x78]);
        await CheckVarIntAsync(ulong.MaxValue, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]);
    }

    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x1F })]
    [TestCase(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0 })]
    public async Task A_variable_length_integer_that_is_too_large_is_refused_and_not_consumed(byte[] bytes)
    {
        ByteReadChannel input = ByteReadChannel.FromBytes(bytes);
        Assert.ThrowsAsync<InvalidDataException>(() => input.ReadVarIntAsync<uint>().AsTask());
        Assert.That(await input.ReadToEndAsync(10), Is.EqualTo(bytes));
        Assert.Throws<NotSupportedException>(() => _ = input.ReadVarIntAsync<Int128>().AsTask());
    }

    [Test]
    public async Task The_channels_byte_order_is_that_of_numbers_where_the_call_does_not_say()
    {
        ByteReadChannel input = ByteReadChannel.FromBytes(new byte[] { 1, 0, 1, 0, 1, 0 });
        Assert.That(await input.ReadUInt16Async(), Is.EqualTo(256));
        input.ByteOrder = ByteOrder.LittleEndian;
        Assert.That(await input.ReadUInt16Async(), Is.EqualTo(1));
        Assert.That(await input.ReadUInt16Async(ByteOrder.BigEndian), Is.EqualTo(256));
        Assert.Throws<ArgumentOutOfRangeException>(() => input.ByteOrder = (ByteOrder)2);
    }

    [Test]
    public async Task Trying_to_read_tells_nothing_yet_from_the_end()
    {
        var pipe = new Pipe();
        ByteReadChannel input = pipe.Reader.AsByteReadChannel();
        byte[] buffer = new byte[4];
        Assert.That(input.TryRead(buffer, out int count), Is.False);
        pipe.Writer.Write("abcdef"u8);
        await pipe.Writer.FlushAsync();
        Assert.That(input.TryRead(buffer, out count) && count == 4, Is.True);
        Assert.That(input.TryRead(buffer, out count) && count == 2, Is.True);
        await pipe.Writer.CompleteAsync();
        Assert.That(input.TryRead(buffer, out count) && count == 0, Is.True);
        Assert.Throws<ArgumentException>(() => input.TryRead([], out _));
    }

    [Test]
    public async Task As_much_can_be_peeked_as_the_bound_says_and_no_more()
    {
        ByteReadChannel input = ScriptedSource.Channel(Pattern.Bytes(ByteReadChannel.MaxPeek + 10), 50_000);
        ReadOnlySequence<byte> seen = await input.PeekAsync(ByteReadChannel.MaxPeek);
        Pattern.Check(seen.ToArray(), 0);
        Assert.That(seen.Length, Is.EqualTo(ByteReadChannel.MaxPeek));
        Assert.That(input.AvailableForRead, Is.GreaterThanOrEqualTo(ByteReadChannel.MaxPeek));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = input.PeekAsync(ByteReadChannel.MaxPeek + 1).AsTask());
        Assert.That((await input.ReadToEndAsync(int.MaxValue)).Length, Is.EqualTo(ByteReadChannel.MaxPeek + 10));
    }

    [Test]
    public async Task What_was_handed_out_stays_valid_until_the_next_read_although_the_channel_is_closed()
    {
        ByteReadChannel input = ScriptedSource.Channel("one\ntwo\n"u8, 100);
        ReadOnlySequence<byte> line = (await input.ReadLineBytesAsync())!.Value;
        Assert.That(input.AvailableForRead, Is.EqualTo(4));
        Assert.That(input.TotalBytesRead, Is.EqualTo(4));
        input.Cancel();

        // Were the memory given back, one of these would get it.
        byte[][] rented = [.. Enumerable.Range(0, 50).Select(_ => ArrayPool<byte>.Shared.Rent(4096))];
        foreach (byte[] array in rented)
        {
            Array.Clear(array);
        }

        Assert.That(Encoding.ASCII.GetString(line), Is.EqualTo("one"));
        Assert.ThrowsAsync<ObjectDisposedException>(() => input.ReadLineAsync().AsTask());
    }

    [Test]
    public async Task A_pipe_that_fails_gives_its_cause_after_what_was_buffered_and_learns_of_a_cancel()
    {
        var pipe = new Pipe();
        ByteReadChannel input = pipe.Reader.AsByteReadChannel();
        await pipe.Writer.WriteAsync("ab"u8.ToArray());
        Assert.That(await input.PeekAsync(1), Has.Length.EqualTo(1));
        var cause = new IOException("broken");
        await pipe.Writer.CompleteAsync(cause);
        Assert.That(await input.ReadExactlyAsync(2), Is.EqualTo("ab"u8.ToArray()));
        Assert.That(await input.ReadByteAsync().OutcomeAsync(), Is.SameAs(cause));
        Assert.That(input.CloseCause, Is.SameAs(cause));
        Assert.That(input.IsClosedForRead, Is.True);

        var other = new Pipe();
        other.Reader.AsByteReadChannel().Cancel(cause);
        Assert.That(Assert.ThrowsAsync<IOException>(() => other.Writer.WriteAsync(new byte[1]).AsTask()), Is.SameAs(cause));
    }

    [Test]
    public async Task A_pipe_that_fails_while_a_read_waits_is_the_cause_of_the_close()
    {
        var pipe = new Pipe();
        ByteReadChannel input = pipe.Reader.AsByteReadChannel();
        Task<byte> reading = input.ReadByteAsync().AsTask();
        var cause = new IOException("broken");
        await pipe.Writer.CompleteAsync(cause);
        Assert.That(await reading.OutcomeAsync(), Is.SameAs(cause));
        Assert.That(input.CloseCause, Is.SameAs(cause));
        Assert.That(await input.ReadByteAsync().OutcomeAsync(), Is.SameAs(cause));
    }

    [Test]
    public async Task A_limited_view_ends_at_its_limit_and_the_channel_goes_on_there()
    {
        foreach (int size in (int[])[1, 3, 100])
        {
            ByteReadChannel input = ScriptedSource.Channel("head\nbody body\ntail"u8, size);
            Assert.That(await input.ReadLineAsync(), Is.EqualTo("head"));
            ByteReadChannel body = input.AsLimited(9);
            Assert.That(await body.ReadByteAsync(), Is.EqualTo((byte)'b'));
            Assert.ThrowsAsync<EndOfStreamException>(() => body.ReadExactlyAsync(new byte[2000]).AsTask());
            Assert.That(await body.ReadLineAsync(), Is.EqualTo("ody body"));
            Assert.That((body.TotalBytesRead, body.IsClosedForRead), Is.EqualTo((9L, true)));
            Assert.That(await body.ReadAsync(new byte[2000]), Is.Zero);
            Assert.That(Encoding.ASCII.GetString(await input.ReadToEndAsync(100)), Is.EqualTo("\ntail"));
            Assert.That(input.TotalBytesRead, Is.EqualTo(19));
        }
    }

    [Test]
    public async Task A_view_and_its_channel_have_one_reader_between_them()
    {
        var pipe = new Pipe();
        ByteReadChannel input = pipe.Reader.AsByteReadChannel();
        ByteReadChannel view = input.AsLimited(10);
        Task<byte> reading = view.ReadByteAsync().AsTask();
        Assert.Throws<InvalidOperationException>(() => _ = input.ReadByteAsync().AsTask());
        Assert.Throws<InvalidOperationException>(() => _ = view.ReadByteAsync().AsTask());
        await pipe.Writer.WriteAsync(new byte[] { 1, 2, 3 });
        Assert.That(await reading.Soon(), Is.EqualTo(1));
        Task<byte> other = input.ReadByteAsync().AsTask();
        Assert.That(await other.Soon(), Is.EqualTo(2));
        Assert.That(await view.ReadByteAsync().AsTask().Soon(), Is.EqualTo(3));

        reading = view.ReadByteAsync().AsTask();
        var cause = new FormatException("enough");
        input.Cancel(cause);
        Assert.That(await reading.OutcomeAsync(), Is.SameAs(cause));
        Assert.That(view.CloseCause, Is.SameAs(cause));
    }

    [Test]
    public async Task A_tee_copies_each_byte_once_however_it_is_read()
    {
        foreach (int size in (int[])[1, 7, 5000])
        {
            byte[] bytes = [.. "one\n"u8, .. Pattern.Bytes(8000), .. "rest"u8];
            var copy = new ArrayBufferWriter<byte>();
            ByteReadChannel input = ScriptedSource.Channel(bytes, size).AsTee(copy);
            Assert.That(await input.ReadLineBytesAsync(), Is.Not.Null);
            Assert.ThrowsAsync<EndOfStreamException>(() => input.ReadExactlyAsync(new byte[9000]).AsTask());
            await input.SkipExactlyAsync(1000);
            await input.ReadExactlyAsync(new byte[3000]);
            Assert.That(await input.ReadAsync(new byte[4000]), Is.Positive);
            await input.ReadToEndAsync(bytes.Length);
            Assert.That(copy.WrittenSpan.SequenceEqual(bytes), Is.True, $"size {size}");
        }
    }

    [Test]
    public async Task A_text_reader_takes_the_bytes_of_its_characters_and_no_more(
        [Values("utf-8", "utf-16", "utf-16BE", "utf-32", "latin1")] string name, [Values(1, 2, 3, 5, 1000)] int size)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        string text = name == "latin1" ? "naïve\r\ntwo\rthree\nend" : "naïve ☃ 𝄞\r\ntwo 𝄞\rthree\nend 𝄞";
        byte[] bytes = encoding.GetBytes(text);
        var options = new LineReadOptions { Encoding = encoding, Ending = LineEnding.Lenient };

        // Character by character, each looked at first; and the bytes behind each stay.
        ByteReadChannel input = ScriptedSource.Channel(bytes, size);
        TextReader reader = input.AsTextReader(options);
        for (int i = 0; i < text.Length; i++)
        {
            Assert.That(reader.Peek(), Is.EqualTo(text[i]), $"{i}");
            Assert.That(reader.Read(), Is.EqualTo(text[i]), $"{i}");
            if (!char.IsHighSurrogate(text[i]))
            {
                Assert.That(input.TotalBytesRead, Is.EqualTo(encoding.GetByteCount(text.AsSpan(0, i + 1))));
            }
        }

        Assert.That((reader.Peek(), reader.Read()), Is.EqualTo((-1, -1)));

        reader = ScriptedSource.Channel(bytes, size).AsTextReader(options);
        Assert.That(reader.Read(), Is.EqualTo('n'));
        Assert.That(await reader.ReadLineAsync(), Is.EqualTo(text.Split('\r')[0][1..]));
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo(text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]));

        reader = ScriptedSource.Channel(bytes, size).AsTextReader(options);
        char[] all = new char[text.Length + 5];
        Assert.That(await reader.ReadBlockAsync(all), Is.EqualTo(text.Length));
        Assert.That(new string(all, 0, text.Length), Is.EqualTo(text));
    }

    [Test]
    public void A_text_reader_replaces_what_is_no_text_as_the_framework_does()
    {
        byte[] bytes = [0xE2, (byte)'\n', 0xFF, (byte)'a', 0xC3, 0xC3, 0xA9, 0xF0, 0x9D];
        for (int size = 1; size <= bytes.Length; size++)
        {
            TextReader reader = ScriptedSource.Channel(bytes, size).AsTextReader();
            var text = new StringBuilder();
            for (int read; (read = reader.Read()) >= 0;)
            {
                text.Append((char)read);
            }

            Assert.That(text.ToString(), Is.EqualTo(Encoding.UTF8.GetString(bytes)), $"one by one, in pieces of {size}");
            Assert.That(ScriptedSource.Channel(bytes, size).AsTextReader().ReadToEnd(), Is.EqualTo(Encoding.UTF8.GetString(bytes)), $"in pieces of {size}");
        }
    }

    [Test]
    public void A_text_reader_cuts_no_character_whatever_precedes_the_cut([Values("utf-8", "utf-16", "latin1")] string name)
    {
        const int seed = 7;
        Encoding encoding = Encoding.GetEncoding(name);
        var options = new LineReadOptions { Encoding = encoding };
        var random = new Random(seed);
        byte[][] parts = [[0xC3], [0xA9], [0xC3, 0xA9], [0xE2, 0x98], [0xE2, 0x98, 0x83], [0xF0, 0x9D, 0x84, 0x9E], [0xF0], [0x80], [0xFF], [0x61], [0x0A, 0xD8]];
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(1, 40)).SelectMany(_ => parts[random.Next(parts.Length)])];
            TextReader reader = ScriptedSource.Channel(bytes, random.Next(1, 50)).AsTextReader(options);
            char[] piece = new char[random.Next(1, 40)];
            var text = new StringBuilder();
            for (int count; (count = reader.Read(piece, 0, piece.Length)) > 0;)
            {
                text.Append(piece, 0, count);
            }

            Assert.That(text.ToString(), Is.EqualTo(encoding.GetString(bytes)), $"seed {seed}, {i}: {Convert.ToHexString(bytes)}");
        }
    }

    [Test]
    public async Task A_long_delimiter_across_many_segments_is_found()
    {
        // Longer than what is looked at on the stack, and full of its own beginnings.
        byte[] delimiter = [.. Enumerable.Repeat((byte)'a', 400), (byte)'b'];
        byte[] before = [.. Enumerable.Repeat((byte)'a', 9000)];
        foreach (int size in (int[])[1, 399, 4096, 100_000])
        {
            ByteReadChannel input = ScriptedSource.Channel((byte[])[.. before, .. delimiter, (byte)'c'], size);
            var destination = new ArrayBufferWriter<byte>();
            Assert.That(await input.ReadUntilAsync(delimiter, destination, 10_000), Is.True);
            Assert.That(destination.WrittenSpan.SequenceEqual(before), Is.True);
            Assert.That(await input.ReadByteAsync(), Is.EqualTo((byte)'c'));
        }
    }

    private static async Task CheckVarIntAsync<T>(T value, byte[] bytes)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (int size in (int[])[1, 2, 20])
        {
            ByteReadChannel input = ScriptedSource.Channel([.. bytes, 42], size);
            Assert.That(await input.ReadVarIntAsync<T>(), Is.EqualTo(value));
            Assert.That(await input.ReadByteAsync(), Is.EqualTo(42));
        }
    }
}
