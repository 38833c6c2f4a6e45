using System.Net;
using System.Text;
using Sluice.Channels.InMemory;
using Sluice.Proxying;
using static Sluice.Fuzz.Decoding;

namespace Sluice.Fuzz;

/// <summary>PROXY headers, and what proxies answer.</summary>
internal static class ProxyTargets
{
    private static readonly DnsEndPoint s_proxy = new("proxy.example", 1080);
    private static readonly DnsEndPoint s_target = new("example.com", 443);

    /// <summary>Parses a header whole and from each of its beginnings, as its bytes arrive, and formats and parses it again.</summary>
    public static void Header(byte[] data)
    {
        const int limit = 2048;
        if (data.Length > limit + 64)
        {
            return;
        }

        string whole = ParseHeader(data, limit, out ProxyHeader? header, out int length);
        if (header is null)
        {
            for (int count = 0; count < data.Length; count++)
            {
                ParseHeader(data.AsSpan(0, count), limit, out ProxyHeader? early, out _);
                Same("none", early is null ? "none" : $"one at {count}");
            }

            return;
        }

        for (int count = 0; count < length; count++)
        {
            Same("incomplete", ParseHeader(data.AsSpan(0, count), limit, out _, out int wanted));
            if (wanted <= count || wanted > length)
            {
                throw new InvalidOperationException($"With {count} of {length} bytes, {wanted} are wanted.");
            }
        }

        Same(whole, ParseHeader(data.AsSpan(0, length), limit, out _, out _));
        byte[] again = header.Version == ProxyProtocolVersion.V1 ? ProxyHeaderV1.Format(header) : ProxyHeaderV2.Format(header);
        Same(Describe(header), ParseHeader(again, limit, out ProxyHeader? parsed, out int back) is "incomplete" || back != again.Length ? "incomplete" : Describe(parsed!));
    }

    /// <summary>Gives a SOCKS5 client answers, with a login and without.</summary>
    public static void Socks5(byte[] data)
    {
        if (data.Length >= 2)
        {
            Answer(new Socks5Hop(s_proxy, (data[0] & 1) != 0 ? new NetworkCredential("user", "password") : null), data[2..], data[1] + 1);
        }
    }

    /// <summary>Gives an HTTP client answers to CONNECT.</summary>
    public static void HttpConnect(byte[] data)
    {
        if (data.Length >= 1)
        {
            Answer(new HttpConnectHop(s_proxy, null), data[1..], data[0] + 1);
        }
    }

    private static string ParseHeader(ReadOnlySpan<byte> bytes, int limit, out ProxyHeader? header, out int length)
    {
        try
        {
            return ProxyHeaderParser.TryParse(bytes, limit, out header, out length) ? $"{length} {Describe(header)}" : "incomplete";
        }
        catch (InvalidDataException exception)
        {
            header = null;
            length = 0;
            return exception.Message;
        }
    }

    private static string Describe(ProxyHeader header) =>
        $"{header.Version} {header.IsLocal} {header.HasChecksum} {Describe(header.Source)} {Describe(header.Destination)}";

    // As it is written: the addresses of a header have one family, and no scope.
    private static string Describe(EndPoint? endPoint) => endPoint switch
    {
        null => "none",
        IPEndPoint ip => $"{Convert.ToHexString(ip.Address.MapToIPv6().GetAddressBytes())} {ip.Port}",
        _ => $"{endPoint.Serialize()}",
    };

    private static void Answer(ProxyHop hop, byte[] bytes, int fragment)
    {
        string whole = Ask(hop, bytes, int.MaxValue);
        Same(whole, Ask(hop, bytes, 1));
        Same(whole, Ask(hop, bytes, fragment));
    }

    // What the client makes of the answer, and the bytes behind it, which belong to the connection.
    private static string Ask(ProxyHop hop, byte[] bytes, int fragment)
    {
        ByteReadChannel input = Open(bytes, fragment);
        var preamble = new ConnectionPreamble(new MemoryPipe(new ByteChannelOptions { Capacity = 1 << 20 }, from: null, to: null), input);
        try
        {
            hop.OpenAsync(preamble, s_target, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch (ProxyException exception)
        {
            return exception.Message;
        }

        using var rest = new MemoryStream();
        input.CopyToAsync(rest).AsTask().GetAwaiter().GetResult();
        return Encoding.Latin1.GetString(rest.ToArray());
    }
}
