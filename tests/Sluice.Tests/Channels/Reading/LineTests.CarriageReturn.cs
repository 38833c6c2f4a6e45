using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

// Carriage returns that end a line, and what follows them.
public sealed partial class LineTests
{
    [Test]
    public async Task A_carriage_return_ends_a_lenient_line_without_waiting_for_the_byte_after_it()
    {
        await ConnectAfterCarriageReturnAsync();
    }

    [TestCase("ReadLine")]
    [TestCase("ReadLine, default")]
    [TestCase("Read")]
    [TestCase("Read, large")]
    [TestCase("ReadExactly")]
    [TestCase("Pipe")]
    [TestCase("TryRead")]
    [TestCase("Stream")]
    public async Task A_line_feed_that_comes_later_than_its_carriage_return_is_never_seen(string next)
    {
        (Connection client, Connection server) = await ConnectAfterCarriageReturnAsync();
        Task<string> reading = ReadNextAsync(server.Input, next);
        await client.Output.WriteStringAsync("\n").Soon();
        await client.Output.WriteStringAsync("two\n").Soon();
        Assert.That(await reading.Soon(), Is.EqualTo("two"));
    }

    [TestCase("ReadLine")]
    [TestCase("ReadLine, default")]
    [TestCase("Read")]
    [TestCase("Read, large")]
    [TestCase("ReadExactly")]
    [TestCase("Pipe")]
    [TestCase("Stream")]
    public async Task What_follows_a_carriage_return_and_is_no_line_feed_is_kept(string next)
    {
        (Connection client, Connection server) = await ConnectAfterCarriageReturnAsync();
        Task<string> reading = ReadNextAsync(server.Input, next);
        await client.Output.WriteStringAsync("two\n").Soon();
        Assert.That(await reading.Soon(), Is.EqualTo("two"));
    }

    [TestCase("\r\n")]
    [TestCase("\r")]
    public async Task A_carriage_return_before_the_end_leaves_no_phantom_line(string ending)
    {
        (Connection client, Connection server) = await ConnectAfterCarriageReturnAsync();
        await client.Output.WriteStringAsync(ending[1..]).Soon();
        await client.Output.CompleteAsync().Soon();
        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.Null);
        Assert.That(await server.Input.ReadAsync(new byte[1]).Soon(), Is.Zero);
        Assert.ThrowsAsync<EndOfStreamException>(() => server.Input.ReadExactlyAsync(new byte[1]).Soon());
    }

    [TestCase(10)]
    [TestCase(5000)]
    public async Task The_byte_behind_a_wide_carriage_return_is_not_lost_when_it_begins_no_line_feed(int size)
    {
        // CR in UTF-16, then a single byte, which might be the first half of an LF until the end says that it is not.
        var options = new LineReadOptions { Encoding = Encoding.Unicode, Ending = LineEnding.Lenient };
        byte[] bytes = [.. Encoding.Unicode.GetBytes("one\r"), (byte)'\n'];
        foreach (int split in (int[])[8, int.MaxValue])
        {
            ByteReadChannel input = ScriptedSource.Channel(bytes, split);
            Assert.That(await input.ReadLineAsync(options).Soon(), Is.EqualTo("one"));

            byte[] rest = new byte[size];
            Assert.That(await input.ReadAsync(rest).Soon(), Is.EqualTo(1));
            Assert.That(rest[0], Is.EqualTo((byte)'\n'));
            Assert.That(await input.ReadAsync(rest).Soon(), Is.Zero);
        }
    }

    [TestCase(10)]
    [TestCase(5000)]
    public async Task The_byte_behind_a_wide_line_feed_that_came_late_is_not_lost(int size)
    {
        var options = new LineReadOptions { Encoding = Encoding.Unicode, Ending = LineEnding.Lenient };
        byte[] bytes = [.. Encoding.Unicode.GetBytes("one\r\n"), (byte)'x'];

        // The LF comes in halves, its second one together with one byte more.
        ByteReadChannel input = ScriptedSource.Channel(bytes, 9, 2);
        Assert.That(await input.ReadLineAsync(options).Soon(), Is.EqualTo("one"));

        byte[] rest = new byte[size];
        Assert.That(await input.ReadAsync(rest).Soon(), Is.EqualTo(1));
        Assert.That(rest[0], Is.EqualTo((byte)'x'));
        Assert.That(await input.ReadAsync(rest).Soon(), Is.Zero);
    }

    // What comes next up to "two" and its ending, read in the given way.
    /// <summary>A reader that has taken a line which ended with a carriage return: the byte after it has not come yet.</summary>
    private async Task<(Connection Client, Connection Server)> ConnectAfterCarriageReturnAsync()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("one\r").Soon();
        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("one"));
        return (client, server);
    }

    private static async Task<string> ReadNextAsync(ByteReadChannel input, string how)
    {
        PipeReader reader = input.AsPipeReader();
        byte[] buffer = new byte[how == "Read, large" ? 5000 : 100];
        int count = 0;
        while (!buffer.AsSpan(0, count).Contains((byte)'\n'))
        {
            switch (how)
            {
                case "ReadLine":
                    return await input.ReadLineAsync(s_lenient) ?? "(end)";
                case "ReadLine, default":
                    return await input.ReadLineAsync() ?? "(end)";
                case "ReadExactly":
                    await input.ReadExactlyAsync(buffer.AsMemory(0, 4));
                    count = 4;
                    break;
                case "Stream":
                    count += await input.AsStream().ReadAsync(buffer.AsMemory(count));
                    break;
                case "Pipe":
                    ReadResult result = await reader.ReadAsync();
                    count += Take(result.Buffer, buffer.AsSpan(count));
                    reader.AdvanceTo(result.Buffer.End);
                    break;
                case "TryRead":
                    if (reader.TryRead(out result))
                    {
                        count += Take(result.Buffer, buffer.AsSpan(count));
                        reader.AdvanceTo(result.Buffer.End);
                    }

                    await Task.Delay(1);
                    break;
                default:
                    count += await input.ReadAsync(buffer.AsMemory(count));
                    break;
            }
        }

        Assert.That(buffer[count - 1], Is.EqualTo((byte)'\n'));
        return Encoding.UTF8.GetString(buffer, 0, count - 1);
    }

    private static int Take(ReadOnlySequence<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        return (int)from.Length;
    }

    /// <summary>
    /// Waits until so many bytes are in the channel's buffer, and leaves them there: what comes later comes with another receive.
    /// </summary>
    private static async Task BufferAsync(ByteReadChannel input, int count)
    {
        if (count > 0)
        {
            PipeReader reader = input.AsPipeReader();
            ReadResult result = await reader.ReadAtLeastAsync(count).Soon();
            Assert.That(result.Buffer.Length, Is.EqualTo(count));
            reader.AdvanceTo(result.Buffer.Start);
        }
    }
}
