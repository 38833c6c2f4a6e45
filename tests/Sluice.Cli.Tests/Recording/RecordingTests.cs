using System.Net;
using System.Text;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Tests.Recording;

[TestFixture]
public sealed class RecordingTests
{
    private static readonly IPEndPoint s_client = IPEndPoint.Parse("192.0.2.1:1234");
    private static readonly IPEndPoint s_server = IPEndPoint.Parse("198.51.100.2:80");

    [TestCase(false)]
    [TestCase(true)]
    public void What_is_recorded_is_read_back(bool isDatagrams)
    {
        byte[] large = Encoding.ASCII.GetBytes(new string('y', 100_000));
        Conversation conversation = Record(s_client, s_server, isDatagrams, recorder =>
        {
            recorder.Add(fromClient: true, "hello"u8);
            recorder.Add(fromClient: false, isDatagrams ? large.AsSpan(0, 1000) : large);
            recorder.Add(fromClient: true, "bye"u8);
            recorder.End(fromClient: true);
            recorder.Reset();
        }).Single();
        Assert.That((conversation.Client, conversation.Server), Is.EqualTo((s_client, s_server)));
        Assert.That(TextOf(conversation, fromClient: true), Is.EqualTo("hellobye"));
        Assert.That(TextOf(conversation, fromClient: false), Is.EqualTo(new string('y', isDatagrams ? 1000 : 100_000)));
    }

    [Test]
    public void IPv6_is_recorded_too()
    {
        Conversation conversation = Record(IPEndPoint.Parse("[2001:db8::1]:1"), IPEndPoint.Parse("[2001:db8::2]:2"), isDatagrams: false, recorder =>
            recorder.Add(fromClient: true, "odd"u8)).Single();
        Assert.That(TextOf(conversation, fromClient: true), Is.EqualTo("odd"));
    }

    [Test]
    public void The_checksums_are_right()
    {
        byte[] packet = IpPacket.OfTcp(s_client, s_server, 1, 2, TcpFlags.Ack, "odd"u8);
        Assert.That(SumOf(packet.AsSpan(0, 20)), Is.EqualTo(0xFFFF));
        byte[] pseudo = [.. packet[12..20], 0, IpPacket.Tcp, 0, (byte)(packet.Length - 20), .. packet[20..]];
        Assert.That(SumOf(pseudo), Is.EqualTo(0xFFFF));
    }

    [Test]
    public void What_was_sent_again_counts_once()
    {
        using var file = new MemoryStream();
        using (var writer = new PcapngWriter(new KeptOpen(file)))
        {
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 0, 0, TcpFlags.Syn, []));
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 1, 1, TcpFlags.Ack, "abc"u8));
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 1, 1, TcpFlags.Ack, "abcde"u8));
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 2, 1, TcpFlags.Ack, "bc"u8));
        }

        file.Position = 0;
        Assert.That(TextOf(Conversation.ReadAll(file).Single(), fromClient: true), Is.EqualTo("abcde"));
    }

    [TestCase(0u)]
    [TestCase(uint.MaxValue - 4)]
    public void What_was_lost_and_sent_again_has_its_place(uint first)
    {
        using var file = new MemoryStream();
        using (var writer = new PcapngWriter(new KeptOpen(file)))
        {
            Write(0, TcpFlags.Syn, "");
            Write(1, TcpFlags.Ack, "one ");
            Write(9, TcpFlags.Ack, "three");
            Write(14, TcpFlags.Ack, " four");
            Write(5, TcpFlags.Ack, "two ");
            Write(5, TcpFlags.Ack, "two three");
            Write(19, TcpFlags.Ack, " five");

            void Write(uint sequence, TcpFlags flags, string text) =>
                writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, first + sequence, 1, flags, Encoding.ASCII.GetBytes(text)));
        }

        file.Position = 0;
        Conversation conversation = Conversation.ReadAll(file).Single();
        Assert.That((TextOf(conversation, fromClient: true), conversation.LacksBytes), Is.EqualTo(("one two three four five", false)));
    }

    [Test]
    public async Task A_recording_that_lacks_bytes_is_not_replayed()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("gap.pcapng");
        using (var writer = new PcapngWriter(File.Create(path)))
        {
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 0, 0, TcpFlags.Syn, []));
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 1, 1, TcpFlags.Ack, "one"u8));
            writer.Write(DateTime.UnixEpoch, IpPacket.OfTcp(s_client, s_server, 7, 1, TcpFlags.Ack, "three"u8));
        }

        await using LocalServer server = LocalServer.Echo();
        (int exitCode, string output, _) = await Cli.RunAsync("replay", path, server.Name);
        Assert.That((exitCode, server.Connections), Is.EqualTo((1, 0)));
        Assert.That(output, Does.StartWith("192.0.2.1:1234: 0 bytes sent, 0 received, the recording lacks bytes that the client sent"));
    }

    [TestCase(0u, new byte[] { 2, 0, 0, 0 })]
    [TestCase(1u, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 5, 8, 0 })]
    [TestCase(1u, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0xA8, 0, 5, 0x81, 0, 0, 5, 8, 0 })]
    [TestCase(228u, new byte[0])]
    public void Links_of_several_types_are_read(uint type, byte[] header)
    {
        Conversation conversation = Conversation.ReadAll(new MemoryStream(Captured(type, [.. header, .. IpPacket.OfUdp(s_client, s_server, "abc"u8)], cut: 0))).Single();
        Assert.That(TextOf(conversation, fromClient: true), Is.EqualTo("abc"));
    }

    [Test]
    public void Packets_that_were_cut_short_are_an_error()
    {
        byte[] file = Captured(101, IpPacket.OfUdp(s_client, s_server, "abc"u8), cut: 1);
        Assert.That(Assert.Throws<InvalidDataException>(() => Conversation.ReadAll(new MemoryStream(file)))!.Message, Does.StartWith("The recording has only the beginnings of packets"));
    }

    [TestCase(true, 0xA1B2C3D4, 1e-6)]
    [TestCase(true, 0xA1B23C4D, 1e-9)]
    [TestCase(false, 0xA1B2C3D4, 1e-6)]
    [TestCase(false, 0xA1B23C4D, 1e-9)]
    public void A_file_of_tcpdump_is_read_in_either_byte_order(bool isLittle, uint magic, double fraction)
    {
        byte[] packet = [.. new byte[12], 8, 0, .. IpPacket.OfUdp(s_client, s_server, "abc"u8)];
        byte[] file = [.. Numbers(isLittle, magic, 0x0002_0004, 0, 0, 262_144, 1), .. Numbers(isLittle, 1000, 7, (uint)packet.Length, (uint)packet.Length), .. packet];
        Conversation conversation = Conversation.ReadAll(new MemoryStream(file)).Single();
        Assert.That((conversation.Client, conversation.Server, TextOf(conversation, fromClient: true)), Is.EqualTo((s_client, s_server, "abc")));
        Assert.That(conversation.Began, Is.EqualTo(1000 + (7 * fraction)).Within(1e-10));
        for (int length = file.Length - 1; length > 24; length--)
        {
            Assert.Throws<InvalidDataException>(() => Conversation.ReadAll(new MemoryStream(file, 0, length)), $"{length} bytes");
        }
    }

    [TestCase("", "The file is neither a pcapng nor a pcap file.")]
    [TestCase("this is a text file", "The file is neither a pcapng nor a pcap file.")]
    public void What_is_no_recording_is_an_error(string content, string message)
    {
        InvalidDataException? thrown = Assert.Throws<InvalidDataException>(() => Conversation.ReadAll(new MemoryStream(Encoding.ASCII.GetBytes(content))));
        Assert.That(thrown!.Message, Is.EqualTo(message));
    }

    [Test]
    public void A_recording_that_is_cut_off_is_an_error_at_every_length()
    {
        using var file = new MemoryStream();
        using (var writer = new PcapngWriter(new KeptOpen(file)))
        {
            writer.Write(DateTime.UnixEpoch, IpPacket.OfUdp(s_client, s_server, "abc"u8));
        }

        byte[] whole = file.ToArray();
        for (int length = whole.Length - 1; length > 48; length--)
        {
            Assert.Throws<InvalidDataException>(() => Conversation.ReadAll(new MemoryStream(whole, 0, length)), $"{length} bytes");
        }
    }

    [TestCase("HELLO", null, null)]
    [TestCase("HELP", 3, null)]
    [TestCase("", 0, null)]
    public async Task A_replay_compares_the_answers(string answer, int? differsAt, string? error)
    {
        Conversation conversation = Record(s_client, s_server, isDatagrams: false, recorder =>
        {
            recorder.Add(fromClient: true, "hello"u8);
            recorder.Add(fromClient: false, "HELLO"u8);
        }).Single();
        await using var server = new LocalServer(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[5]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        });
        await using var selector = new SelectorManager(new SelectorOptions { LoopCount = 1 });
        ReplayResult result = await new ReplayedConversation(
            conversation,
            new Dialer(selector, new DialSettings(default)),
            new Address(AddressKind.Tcp, "127.0.0.1", server.Port),
            start: null,
            Waiting.Patience).RunAsync(CancellationToken.None).Soon();
        Assert.That(result, Is.EqualTo(new ReplayResult(s_client, 5, answer.Length, 5, differsAt, error)));
    }

    [Test]
    public async Task A_fast_replay_has_no_more_connections_open_than_it_may()
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("session.pcapng");
        const int count = 12;
        await File.WriteAllBytesAsync(file, RecordingOf(recorder =>
        {
            for (int i = 0; i < count; i++)
            {
                var talk = new ConversationRecorder(recorder, new IPEndPoint(s_client.Address, 2000 + i), s_server, isDatagrams: false);
                talk.Add(fromClient: true, "hello"u8);
                talk.Add(fromClient: false, "HELLO"u8);
            }
        }));
        var gate = new Lock();
        (int open, int most) = (0, 0);
        await using var server = new LocalServer(async stream =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++open);
            }

            await stream.ReadExactlyAsync(new byte[5]);

            // Long enough that the others come, if they may.
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            lock (gate)
            {
                open--;
            }

            await stream.WriteAsync("HELLO"u8.ToArray());
        });
        (int exitCode, string output, _) = await Cli.RunAsync("replay", file, server.Name, "--fast", "--max-connections", "3", "--compare");
        Assert.That((exitCode, server.Connections), Is.EqualTo((0, count)), output);
        Assert.That(most, Is.EqualTo(3));
    }

    [Test]
    public async Task A_replay_that_a_signal_stops_says_how_far_it_was()
    {
        using var folder = new TemporaryFolder();
        string file = folder.PathOf("session.pcapng");
        await File.WriteAllBytesAsync(file, RecordingOf(s_client, s_server, isDatagrams: false, recorder =>
        {
            recorder.Add(fromClient: true, "hello"u8);
            recorder.Add(fromClient: false, "HELLO"u8);
        }));
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LocalServer(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[5]);
            await stream.WriteAsync("HE"u8.ToArray());
            half.SetResult();
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
        });
        await using Cli replay = Cli.Start("replay", file, server.Name, "--timeout", "3600");
        await half.Task.Soon();
        await replay.SignalAsync("INT");
        (int exitCode, string output, string errors) = await replay.EndAsync();
        Assert.That((exitCode, errors), Is.EqualTo((1, "")));
        Assert.That(output, Does.Match(@"^192\.0\.2\.1:1234: 5 bytes sent, [02] received, stopped by a signal\r?\n1 connection, 0 answered as recorded\r?\n$"));
    }

    private static IReadOnlyList<Conversation> Record(IPEndPoint client, IPEndPoint server, bool isDatagrams, Action<ConversationRecorder> talk) =>
        Conversation.ReadAll(new MemoryStream(RecordingOf(client, server, isDatagrams, talk)));

    private static byte[] RecordingOf(IPEndPoint client, IPEndPoint server, bool isDatagrams, Action<ConversationRecorder> talk) =>
        RecordingOf(recorder => talk(new ConversationRecorder(recorder, client, server, isDatagrams)));

    private static byte[] RecordingOf(Action<Recorder> record)
    {
        using var file = new MemoryStream();
        using (var recorder = new Recorder(new KeptOpen(file), TimeProvider.System, Assert.Fail))
        {
            record(recorder);
        }

        return file.ToArray();
    }

    private static byte[] Captured(uint type, byte[] packet, int cut) =>
        [.. Numbers(true, 0xA1B2C3D4, 0x0002_0004, 0, 0, 262_144, type), .. Numbers(true, 1000, 7, (uint)(packet.Length - cut), (uint)packet.Length), .. packet.AsSpan(0, packet.Length - cut)];

    private static string TextOf(Conversation conversation, bool fromClient) =>
        string.Concat(conversation.Messages.Where(message => message.FromClient == fromClient).Select(message => Encoding.ASCII.GetString(message.Bytes)));

    private static IEnumerable<byte> Numbers(bool isLittle, params uint[] numbers) => numbers.SelectMany(number =>
        BitConverter.GetBytes(isLittle == BitConverter.IsLittleEndian ? number : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(number)));

    // With the checksum in it, the sum is all ones (RFC 1071).
    private static int SumOf(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
        }

        return (sum & 0xFFFF) + (sum >> 16);
    }
}
