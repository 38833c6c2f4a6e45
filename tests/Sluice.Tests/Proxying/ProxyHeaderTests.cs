using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.Proxying;

namespace Sluice.Tests.Proxying;

/// <summary>PROXY headers as bytes, after haproxy's proxy-protocol.txt.</summary>
[TestFixture]
[Parallelizable]
public sealed class ProxyHeaderTests
{
    private const int MaxLength = 4096;
    private const string Signature = "0d0a0d0a000d0a515549540a";

    private static readonly IPEndPoint s_source = IPEndPoint.Parse("192.0.2.1:56324");
    private static readonly IPEndPoint s_destination = IPEndPoint.Parse("198.51.100.1:443");

    private static IEnumerable<TestCaseData> Known()
    {
        yield return new TestCaseData(Text("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"), "PROXY V1: 192.0.2.1:56324 to 198.51.100.1:443");
        yield return new TestCaseData(Text("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n"), "PROXY V1: 0.0.0.0:0 to 255.255.255.255:65535");
        yield return new TestCaseData(Text("PROXY TCP6 2001:db8::1 ::ffff:192.0.2.2 1 2\r\n"), "PROXY V1: [2001:db8::1]:1 to [::ffff:192.0.2.2]:2");
        yield return new TestCaseData(Text("PROXY UNKNOWN\r\n"), "PROXY V1: no end points");
        yield return new TestCaseData(
            Text($"PROXY UNKNOWN {string.Join(' ', Enumerable.Repeat("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 2))} 65535 65535\r\n"), "PROXY V1: no end points");
        yield return new TestCaseData(Bytes($"{Signature} 2000 0000"), "PROXY V2: no end points");
        yield return new TestCaseData(Bytes($"{Signature} 2011 0003 ffffff"), "PROXY V2: no end points");
        yield return new TestCaseData(Bytes($"{Signature} 2100 0005 ff ffff ffff"), "PROXY V2: no end points");
        yield return new TestCaseData(Bytes($"{Signature} 2111 000c c0000201 c6336401 dc04 01bb"), "PROXY V2: 192.0.2.1:56324 to 198.51.100.1:443");
        yield return new TestCaseData(
            Bytes($"{Signature} 2121 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 0002"),
            "PROXY V2: [2001:db8::1]:1 to [2001:db8::2]:2");

        // What it carries beside the addresses: a name (type 2), nothing (type 4), and a value of an unknown type.
        yield return new TestCaseData(
            Bytes($"{Signature} 2111 001a c0000201 c6336401 dc04 01bb 02 0003 616263 04 0000 ee 0002 ffff"), "PROXY V2: 192.0.2.1:56324 to 198.51.100.1:443");
        yield return new TestCaseData(
            Bytes($"{Signature} 2131 00d8 2f746d702f61{new string('0', 2 * 102)} 2f746d702f62{new string('0', 2 * 102)}"), "PROXY V2: /tmp/a to /tmp/b");
    }

    [TestCaseSource(nameof(Known))]
    public void A_header_says_who_and_nothing_of_what_follows_belongs_to_it(byte[] bytes, string expected)
    {
        byte[] followed = [.. bytes, .. "\r\nPROXY"u8];

        Assert.That(ProxyHeaderParser.TryParse(followed, MaxLength, out ProxyHeader? header, out int length), Is.True);
        Assert.That(header!.ToString(), Is.EqualTo(expected));
        Assert.That(length, Is.EqualTo(bytes.Length));
    }

    [TestCaseSource(nameof(Known))]
    public void Cut_off_anywhere_it_asks_for_more_and_never_for_more_than_there_is(byte[] bytes, string expected)
    {
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            Assert.That(ProxyHeaderParser.TryParse(bytes.AsSpan(0, cut), MaxLength, out ProxyHeader? header, out int length), Is.False, $"{expected} after {cut} bytes");
            Assert.That(header, Is.Null);
            Assert.That(length, Is.GreaterThan(cut).And.LessThanOrEqualTo(bytes.Length));
        }
    }

    [TestCase("PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n")]
    [TestCase("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \r\n")]
    [TestCase("PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n")]
    [TestCase("PROXY TCP4 192.0.2.1 198.51.100.1 56324 65536\r\n")]
    [TestCase("PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n")]
    [TestCase("PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n")]
    [TestCase("PROXY TCP4 192.0.2.256 198.51.100.1 1 443\r\n")]
    [TestCase("PROXY TCP4 192.0.2 198.51.100.1 1 443\r\n")]
    [TestCase("PROXY TCP4 0x7f.1 198.51.100.1 1 443\r\n")]
    [TestCase("PROXY TCP4 2001:db8::1 2001:db8::2 1 443\r\n")]
    [TestCase("PROXY TCP6 192.0.2.1 198.51.100.1 1 443\r\n")]
    [TestCase("PROXY TCP6 fe80::1%1 fe80::2 1 443\r\n")]
    [TestCase("PROXY TCP6 [2001:db8::1] 2001:db8::2 1 443\r\n")]
    [TestCase("PROXY UDP4 192.0.2.1 198.51.100.1 1 443\r\n")]
    [TestCase("PROXY UNKNOWNS\r\n")]
    [TestCase("PROXY \r\n")]
    [TestCase("PROXY\r\n")]
    [TestCase("proxy TCP4 192.0.2.1 198.51.100.1 56324 443\r\n")]
    [TestCase("GET / HTTP/1.1\r\n")]
    [TestCase("\0")]
    public void A_malformed_line_is_none(string line) =>
        Assert.Throws<InvalidDataException>(() => ProxyHeaderParser.TryParse(Text(line), MaxLength, out _, out _));

    [Test]
    public void A_line_without_an_end_is_given_107_bytes()
    {
        byte[] line = Text($"PROXY UNKNOWN {new string('x', 200)}");

        Assert.That(ProxyHeaderParser.TryParse(line.AsSpan(0, 106), MaxLength, out _, out _), Is.False);
        Assert.Throws<InvalidDataException>(() => ProxyHeaderParser.TryParse(line.AsSpan(0, 107), MaxLength, out _, out _));
        Assert.Throws<InvalidDataException>(() => ProxyHeaderParser.TryParse(line, MaxLength, out _, out _));
    }

    [TestCase("1111 000c c0000201 c6336401 dc04 01bb")]
    [TestCase("2211 000c c0000201 c6336401 dc04 01bb")]
    [TestCase("2111 000b c0000201 c6336401 dc04 01")]
    [TestCase("2141 000c c0000201 c6336401 dc04 01bb")]
    [TestCase("2113 000c c0000201 c6336401 dc04 01bb")]
    [TestCase("2111 000d c0000201 c6336401 dc04 01bb 02")]
    [TestCase("2111 000f c0000201 c6336401 dc04 01bb 02 0001")]
    [TestCase("2111 0012 c0000201 c6336401 dc04 01bb 03 0003 000000")]
    [TestCase("2111 0013 c0000201 c6336401 dc04 01bb 03 0004 00000000")]
    [TestCase("2121 0023 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 00")]
    public void A_malformed_block_is_none(string hex) =>
        Assert.Throws<InvalidDataException>(() => ProxyHeaderParser.TryParse(Bytes($"{Signature} {hex}"), MaxLength, out _, out _));

    [Test]
    public void A_block_that_is_too_long_is_refused_before_it_is_received()
    {
        byte[] bytes = Bytes($"{Signature} 2111 0ff1");

        Assert.Throws<InvalidDataException>(() => ProxyHeaderParser.TryParse(bytes, MaxLength, out _, out _));
        Assert.That(ProxyHeaderParser.TryParse(bytes, MaxLength + 1, out _, out int length), Is.False);
        Assert.That(length, Is.EqualTo(MaxLength + 1));
    }

    [Test]
    public void The_checksum_is_that_of_RFC_3720()
    {
        Assert.That(Crc32C.Of("123456789"u8), Is.EqualTo(0xE3069283));
        Assert.That(Crc32C.Of(new byte[32]), Is.EqualTo(0x8A9136AA));
    }

    [Test]
    public void No_bit_of_a_header_with_a_checksum_can_be_turned_unnoticed()
    {
        byte[] bytes = ProxyHeaderV2.Format(new ProxyHeader(s_source, s_destination) { HasChecksum = true });
        Assert.That(ProxyHeaderParser.TryParse(bytes, MaxLength, out ProxyHeader? header, out _), Is.True);
        Assert.That(header!.HasChecksum, Is.True);

        // The connection's addresses, and the checksum itself. Before that, a turned bit can make it a header without addresses.
        for (int bit = 16 * 8; bit < bytes.Length * 8; bit++)
        {
            byte[] turned = [.. bytes];
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            bool isOne = Parses(turned, out ProxyHeader? read);
            Assert.That(isOne && read!.HasChecksum, Is.False, $"bit {bit}");
        }
    }

    [TestCase("192.0.2.1:1", "198.51.100.1:2", "192.0.2.1:1", "198.51.100.1:2")]
    [TestCase("[2001:db8::1]:1", "[2001:db8::2]:65535", "[2001:db8::1]:1", "[2001:db8::2]:65535")]
    [TestCase("[::ffff:192.0.2.1]:1", "[::ffff:198.51.100.1]:2", "192.0.2.1:1", "198.51.100.1:2")]
    [TestCase("192.0.2.1:1", "[2001:db8::2]:2", "[::ffff:192.0.2.1]:1", "[2001:db8::2]:2")]
    [TestCase("[fe80::1%1]:1", "[fe80::2%1]:2", "[fe80::1]:1", "[fe80::2]:2")]
    public void What_is_written_is_read(string source, string destination, string expectedSource, string expectedDestination)
    {
        foreach (ProxyProtocolVersion version in Enum.GetValues<ProxyProtocolVersion>())
        {
            byte[] bytes = Format(new ProxyHeader(IPEndPoint.Parse(source), IPEndPoint.Parse(destination), version));

            Assert.That(Parses(bytes, out ProxyHeader? header), Is.True);
            Assert.That(header!.Version, Is.EqualTo(version));
            Assert.That(header.Source, Is.EqualTo(IPEndPoint.Parse(expectedSource)));
            Assert.That(header.Destination, Is.EqualTo(IPEndPoint.Parse(expectedDestination)));
        }
    }

    [Test]
    public void Unix_domain_paths_are_said_in_version_2_and_not_in_version_1()
    {
        var source = new UnixDomainSocketEndPoint("/tmp/client");
        var destination = new UnixDomainSocketEndPoint("/" + new string('x', 90));

        Assert.That(Parses(Format(new ProxyHeader(source, destination)), out ProxyHeader? header), Is.True);
        Assert.That(header!.Source, Is.EqualTo(source));
        Assert.That(header.Destination, Is.EqualTo(destination));
        Assert.That(Format(new ProxyHeader(source, destination, ProxyProtocolVersion.V1)), Is.EqualTo(Text("PROXY UNKNOWN\r\n")));
    }

    [Test]
    public void A_client_without_a_name_is_one_in_a_Unix_domain_header()
    {
        byte[] bytes = Bytes($"{Signature} 2131 00d8 {new string('0', 2 * 108)} 2f746d702f62{new string('0', 2 * 102)}");

        Assert.That(Parses(bytes, out ProxyHeader? header), Is.True);
        Assert.That(header!.Source, Is.InstanceOf<UnixDomainSocketEndPoint>());
        Assert.That(header.Destination, Is.EqualTo(new UnixDomainSocketEndPoint("/tmp/b")));
    }

    [Test]
    public void A_header_takes_two_end_points_of_one_kind()
    {
        var unix = new UnixDomainSocketEndPoint("/tmp/a");

        Assert.Throws<ArgumentException>(() => _ = new ProxyHeader(s_source, unix));
        Assert.Throws<ArgumentException>(() => _ = new ProxyHeader(unix, s_source));
        Assert.Throws<ArgumentException>(() => _ = new ProxyHeader(new DnsEndPoint("a.example", 1), s_source));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new ProxyHeader(s_source, s_destination, (ProxyProtocolVersion)3));
    }

    [Test]
    public void Whatever_comes_it_is_a_header_or_more_is_wanted_or_it_is_malformed()
    {
        byte[][] seeds = [.. Known().Select(known => (byte[])known.Arguments[0]!), ProxyHeaderV2.Format(new ProxyHeader(s_source, s_destination) { HasChecksum = true })];
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = [.. seeds[random.Next(seeds.Length)]];
            for (int turned = random.Next(1, 4); turned > 0; turned--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            // Anything else that is thrown fails the test.
            if (Parses(bytes, out _, out int length) is false && length > 0)
            {
                Assert.That(length, Is.GreaterThan(bytes.Length));
            }
        }
    }

    private static bool Parses(byte[] bytes, out ProxyHeader? header) => Parses(bytes, out header, out _);

    private static bool Parses(byte[] bytes, out ProxyHeader? header, out int length)
    {
        try
        {
            return ProxyHeaderParser.TryParse(bytes, MaxLength, out header, out length);
        }
        catch (InvalidDataException)
        {
            header = null;
            length = 0;
            return false;
        }
    }

    private static byte[] Format(ProxyHeader header) =>
        header.Version == ProxyProtocolVersion.V1 ? ProxyHeaderV1.Format(header) : ProxyHeaderV2.Format(header);

    private static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Bytes(string hex)
    {
        string digits = hex.Replace(" ", string.Empty, StringComparison.Ordinal);
        return [.. Enumerable.Range(0, digits.Length / 2).Select(i => byte.Parse(digits.AsSpan(2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
    }
}
