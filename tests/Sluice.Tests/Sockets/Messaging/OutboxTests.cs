using System.Buffers;
using System.Globalization;

namespace Sluice.Tests.Sockets.Messaging;

/// <summary>Many threads post whole messages to one connection.</summary>
public sealed class OutboxTests(SelectorEngine engine) : WireFixture(engine)
{
    private const int Senders = 8;
    private const int EachSends = 2_000;

    [Test]
    public async Task Messages_of_many_senders_arrive_whole_and_those_of_each_in_order([Values("tcp", "tls", "memory", "unix")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(server, sender)))];

        await AssertAllArriveAsync(client, writer: false);
        await Task.WhenAll(senders).Soon();
        Assert.That(server.Outbox.DroppedMessages, Is.Zero);
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Messages_slot_in_between_whole_writes_of_the_handler([Values("tcp", "tls", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(server, sender)))];
        Task writer = Task.Run(async () =>
        {
            // Every size: copied, sent directly, and larger than the buffer.
            for (int i = 0; i < 300; i++)
            {
                await server.Output.WriteLineAsync($"w {i} {new string((char)('a' + (i % 26)), i % 10 == 0 ? 100_000 : i * 7)}");
                if (i % 7 == 0)
                {
                    await server.Output.FlushAsync();
                }
            }
        });

        await AssertAllArriveAsync(client, writer: true);
        await Task.WhenAll([writer, .. senders]).Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Every_form_of_a_message_arrives()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        using var shared = new OutgoingMessage("shared\r\n"u8);
        using var made = OutgoingMessage.Create($"made {1}\r\n");
        using var framed = OutgoingMessage.Create(FrameEncoder.Lines(), "framed");
        using var line = OutgoingMessage.CreateLine("öne");
        Outbox outbox = server.Outbox;

        Assert.That(outbox.Post("bytes\r\n"u8), Is.True);
        Assert.That(outbox.Post($"text {1.5}\r\n"), Is.True);
        Assert.That(outbox.PostLine("a line"), Is.True);
        Assert.That(outbox.PostLine($"line {2}"), Is.True);
        Assert.That(outbox.Post(FrameEncoder.Lines(), "frame"), Is.True);
        Assert.That(outbox.Post(shared) && outbox.Post(made) && outbox.Post(framed) && outbox.Post(line), Is.True);
        await outbox.PostAsync("async\r\n"u8.ToArray());
        await outbox.PostAsync($"async {3}\r\n");
        await outbox.PostLineAsync("async line");
        await outbox.PostLineAsync($"async line {4}");
        await outbox.PostAsync(FrameEncoder.Lines(), "async frame");
        await outbox.PostAsync(shared);

        string[] expected =
        [
            "bytes", "text 1.5", "a line", "line 2", "frame", "shared", "made 1", "framed", "öne",
            "async", "async 3", "async line", "async line 4", "async frame", "shared",
        ];
        foreach (string text in expected)
        {
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo(text));
        }

        Assert.That(outbox.QueuedMessages, Is.Zero);
        Assert.That(outbox.QueuedBytes, Is.Zero);
        Assert.That(outbox.OldestAge, Is.EqualTo(TimeSpan.Zero));
        await CloseAsync(client, server);
    }

    [Test]
    public async Task Messages_of_every_size_arrive_unchanged([Values("tcp", "tls", "memory")] string wire)
    {
        (Connection client, Connection server) = await ConnectAsync(wire);
        int[] sizes = [0, 1, 255, 256, 257, 4095, 4096, 4097, 16_384, 16_385, 65_536, 200_000, OutboxOptions.DefaultCapacity];
        var prefix = new LengthPrefix(4);
        IFrameEncoder<ReadOnlySequence<byte>> encoder = FrameEncoder.LengthPrefixed(prefix, int.MaxValue);
        Task posting = Task.Run(async () =>
        {
            foreach (int size in sizes)
            {
                await server.Outbox.PostAsync(encoder, new ReadOnlySequence<byte>(Pattern(size - 4)));
            }
        });

        foreach (int size in sizes)
        {
            byte[] message = await client.Input.ReadPrefixedBytesAsync(prefix, int.MaxValue).Soon();
            Assert.That(message.AsSpan().SequenceEqual(Pattern(size - 4)), Is.True, $"{size} bytes");
        }

        await posting.Soon();
        await CloseAsync(client, server);
    }

    [Test]
    public async Task A_second_write_says_what_to_use()
    {
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = 1 });
        Task first = channel.Writer.WriteAsync(new byte[200_000]).AsTask();

        Exception? second = await Waiting.FailureAsync(() => channel.Writer.WriteAsync(new byte[200_000]));

        Assert.That(second, Is.InstanceOf<InvalidOperationException>().With.Message.Contains("Connection.Outbox"));
        Assert.That(first.IsCompleted, Is.False);
        channel.Reader.Cancel();
        Assert.That(await first.OutcomeAsync(), Is.InstanceOf<IOException>());
    }

    private static byte[] Pattern(int size)
    {
        byte[] bytes = new byte[Math.Max(size, 0)];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static async Task SendAsync(Connection connection, int sender)
    {
        var random = new Random(sender);
        for (int i = 0; i < EachSends; i++)
        {
            string line = $"{sender} {i} {new string((char)('a' + sender), random.Next(8) == 0 ? random.Next(9_000) : random.Next(100))}";
            if (i % 3 == 0)
            {
                await connection.Outbox.PostLineAsync(line);
            }
            else
            {
                while (!connection.Outbox.PostLine(line))
                {
                    Assert.Fail("The outbox is full.");
                }

                // Far from full: the reader is fast, but not always the first to run.
                while (connection.Outbox.QueuedBytes > 300_000)
                {
                    await Task.Yield();
                }
            }
        }
    }

    private static async Task AssertAllArriveAsync(Connection client, bool writer)
    {
        int[] next = new int[Senders];
        int written = 0;
        var options = new LineReadOptions { MaxLength = 200_000 };
        for (int left = (Senders * EachSends) + (writer ? 300 : 0); left > 0; left--)
        {
            string? line = await client.Input.ReadLineAsync(options).Soon();
            string[] parts = line!.Split(' ');
            int number = int.Parse(parts[1], CultureInfo.InvariantCulture);
            if (parts[0] == "w")
            {
                Assert.That(number, Is.EqualTo(written++));
                AssertFilled(parts[2], (char)('a' + (number % 26)));
                continue;
            }

            int sender = int.Parse(parts[0], CultureInfo.InvariantCulture);
            Assert.That(number, Is.EqualTo(next[sender]++), line);
            AssertFilled(parts[2], (char)('a' + sender));
        }
    }

    private static void AssertFilled(string text, char with) => Assert.That(text.AsSpan().ContainsAnyExcept(with), Is.False, text);
}
