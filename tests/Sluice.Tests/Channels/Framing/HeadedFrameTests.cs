using System.Buffers;
using System.Text;
using CsCheck;

namespace Sluice.Tests.Channels.Framing;

/// <summary>Frames whose length stands somewhere in a header, as in the protocols that people speak.</summary>
[TestFixture]
[Parallelizable]
public sealed class HeadedFrameTests
{
    private static readonly FrameHeader s_http2 = new(size: 9, lengthOffset: 0, lengthSize: 3);
    private static readonly FrameHeader s_tls = new(size: 5, lengthOffset: 3, lengthSize: 2);
    private static readonly FrameHeader s_mysql = new(size: 4, lengthOffset: 0, lengthSize: 3, ByteOrder.LittleEndian);
    private static readonly FrameHeader s_postgres = new(size: 5, lengthOffset: 1, lengthSize: 4, countedFrom: 1);
    private static readonly FrameHeader s_bgp = new(size: 19, lengthOffset: 16, lengthSize: 2, countedFrom: 0);
    private static readonly FrameHeader s_mqtt = FrameHeader.WithVarInt(lengthOffset: 1, maxLengthSize: 4);

    // What others send.
    private static IEnumerable<TestCaseData> Protocols()
    {
        yield return Case(s_http2, 3, "000008060000000000", "0102030405060708", "HTTP/2 PING");
        yield return Case(s_http2, 3, "000000040100000000", "", "HTTP/2 SETTINGS");
        yield return Case(s_tls, 2, "1503030002", "0100", "TLS alert");
        yield return Case(s_mysql, 3, "01000000", "0e", "MySQL COM_PING");
        yield return Case(s_postgres, 4, "5a00000005", "49", "PostgreSQL ReadyForQuery");
        yield return Case(s_postgres, 4, "5800000004", "", "PostgreSQL Terminate");
        yield return Case(s_bgp, 2, "ffffffffffffffffffffffffffffffff001304", "", "BGP KEEPALIVE");
        yield return Case(s_mqtt, 0, "c000", "", "MQTT PINGREQ");
        yield return Case(s_mqtt, 0, "30c801", Convert.ToHexString(new byte[200]), "MQTT PUBLISH of 200 bytes");

        static TestCaseData Case(FrameHeader header, int lengthSize, string head, string body, string name) =>
            new TestCaseData(header, lengthSize, Convert.FromHexString(head), Convert.FromHexString(body)).SetArgDisplayNames(name);
    }

    private static readonly FrameHeader[] s_headers =
    [
        s_http2, s_tls, s_mysql, s_postgres, s_bgp, s_mqtt,
        FrameHeader.WithVarInt(0),
        .. from size in Enumerable.Range(1, 8)
           from order in Enum.GetValues<ByteOrder>()
           from counted in (int[])[0, 2, size + 3]
           select new FrameHeader(size + 3, 2, size, order, counted),
    ];

    [TestCaseSource(nameof(Protocols))]
    public async Task Frames_of_the_protocols_are_read_however_they_are_cut_and_written_as_they_were(
        FrameHeader header, int lengthSize, byte[] head, byte[] body)
    {
        byte[] twice = [.. head, .. body, .. head, .. body];
        for (int cut = 1; cut <= twice.Length; cut++)
        {
            ByteReadChannel input = ScriptedSource.Channel(twice, cut);
            for (int i = 0; i < 2; i++)
            {
                HeadedFrame frame = await input.ReadFrameAsync(FrameDecoder.Headed(header, 200)).Soon();
                Assert.That(frame.Header.ToArray(), Is.EqualTo(head));
                Assert.That(frame.Body.ToArray(), Is.EqualTo(body));
            }

            Assert.That(await input.ReadAsync(new byte[1]).Soon(), Is.Zero);
        }

        // The encoder writes the length, whatever stands there.
        byte[] given = header.Size > 0 ? [.. head] : head[..header.LengthOffset];
        given.AsSpan(header.LengthOffset, header.Size > 0 ? lengthSize : 0).Fill(0xEE);
        var channel = new ByteChannel();
        await channel.Writer.WriteFrameAsync(FrameEncoder.Headed(header, 200), new HeadedFrame(given, body)).Soon();
        byte[] written = new byte[head.Length + body.Length];
        await channel.Reader.ReadExactlyAsync(written).Soon();
        Assert.That(written, Is.EqualTo((byte[])[.. head, .. body]));
    }

    [Test]
    public void Frames_behind_every_header_come_back_as_they_were_however_they_are_cut() =>
        Gen.Select(Gen.Byte.Array[0, 30].Array[0, 8], Gen.Int[1, 9], Gen.Int[0, s_headers.Length - 1]).SampleAsync(
            async (bodies, fragment, index) =>
            {
                FrameHeader header = s_headers[index];
                IFrameEncoder<HeadedFrame> encoder = FrameEncoder.Headed(header, 30);
                var channel = new ByteChannel(new ByteChannelOptions { MaxFragment = fragment });
                var encoded = new ArrayBufferWriter<byte>();
                byte[] given = [.. Enumerable.Range(100, header.Size > 0 ? header.Size : header.LengthOffset).Select(number => (byte)number)];
                foreach (byte[] body in bodies)
                {
                    await channel.Writer.WriteFrameAsync(encoder, new HeadedFrame(given, body));
                    encoder.Encode(new HeadedFrame(WriteOperations.Cut(given, 1), WriteOperations.Cut(body, 1)), encoded);
                }

                await channel.Writer.CompleteAsync();
                int at = 0;
                await foreach (HeadedFrame frame in channel.Reader.ReadFramesAsync(FrameDecoder.Headed(header, 30)))
                {
                    Assert.That(frame.Body.ToArray(), Is.EqualTo(bodies[at++]));
                    byte[] head = frame.Header.ToArray();
                    Assert.That(head[..header.LengthOffset], Is.EqualTo(given[..header.LengthOffset]));
                    Assert.That(encoded.WrittenSpan.IndexOf(head), Is.GreaterThanOrEqualTo(0), "Both ways of encoding are the same.");
                }

                Assert.That(at, Is.EqualTo(bodies.Length));
            }, iter: 1000, threads: 1).GetAwaiter().GetResult();

    [TestCase("5a00000003")]
    [TestCase("5a00000000")]
    public void A_length_that_is_less_than_what_it_includes_is_refused(string bytes) => Assert.ThrowsAsync<InvalidDataException>(
        async () => await ByteReadChannel.FromBytes(Convert.FromHexString(bytes)).ReadFrameAsync(FrameDecoder.Headed(s_postgres, 10)));

    [Test]
    public void A_variable_length_that_is_too_long_is_refused_before_more_is_waited_for() => Assert.ThrowsAsync<InvalidDataException>(
        async () => await ByteReadChannel.FromBytes(Convert.FromHexString("30808080808001")).ReadFrameAsync(FrameDecoder.Headed(s_mqtt, 10)));

    [Test]
    public async Task A_frame_that_is_too_long_is_refused_and_consumes_nothing()
    {
        ByteReadChannel input = ByteReadChannel.FromBytes(Convert.FromHexString("0b0000000102"));
        LimitExceededException failure = Assert.ThrowsAsync<LimitExceededException>(async () => await input.ReadFrameAsync(FrameDecoder.Headed(s_mysql, 10)))!;
        Assert.That(failure.Message, Does.Contain("10"));
        Assert.That(await input.ReadByteAsync().Soon(), Is.EqualTo(0x0b));
    }

    [TestCase("")]
    [TestCase("01")]
    [TestCase("01000000")]
    public void A_stream_that_ends_before_or_within_a_frame_is_told(string bytes) => Assert.ThrowsAsync<EndOfStreamException>(
        async () => await ByteReadChannel.FromBytes(Convert.FromHexString(bytes)).ReadFrameAsync(FrameDecoder.Headed(s_mysql, 10)));

    [Test]
    public void Headers_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(257, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(4, 1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(4, -1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(9, 0, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(9, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(4, 0, 4, countedFrom: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new FrameHeader(4, 0, 4, (ByteOrder)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameHeader.WithVarInt(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameHeader.WithVarInt(246));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameHeader.WithVarInt(1, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameDecoder.Headed(s_tls, -1));
        Assert.Throws<ArgumentNullException>(() => FrameEncoder.Headed(null!, 1));
    }

    [Test]
    public void Frames_that_do_not_fit_their_header_are_refused_and_nothing_is_written()
    {
        ByteWriteChannel output = new ByteChannel().Writer;
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.Headed(s_mysql, 10), new HeadedFrame(new byte[3], default)).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.Headed(s_mysql, 10), new HeadedFrame(new byte[4], new byte[11])).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.Headed(s_tls, 100_000), new HeadedFrame(new byte[5], new byte[65_536])).AsTask());
        Assert.Throws<ArgumentException>(() => _ = output.WriteFrameAsync(FrameEncoder.Headed(s_mqtt, 10), new HeadedFrame(new byte[2], default)).AsTask());
        Assert.That(output.TotalBytesWritten, Is.Zero);
    }

    [Test]
    public async Task Single_frames_of_different_kinds_follow_each_other()
    {
        ByteReadChannel input = ByteReadChannel.FromBytes("HELLO 3\r\n\u0003abcrest\n"u8.ToArray());

        Assert.That(await input.ReadFrameAsync(FrameDecoder.Lines()).Soon(), Is.EqualTo("HELLO 3"));
        Assert.That(Encoding.ASCII.GetString(await input.ReadFrameAsync(FrameDecoder.LengthPrefixed(new LengthPrefix(1), 10)).Soon()), Is.EqualTo("abc"));
        Assert.That(Encoding.ASCII.GetString(await input.ReadFrameAsync(FrameDecoder.Delimited("\n"u8.ToArray(), 10)).Soon()), Is.EqualTo("rest"));
        Assert.ThrowsAsync<EndOfStreamException>(async () => await input.ReadFrameAsync(FrameDecoder.Lines()));
    }
}
