using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Proxying;

/// <summary>Parses and formats headers of version 1: <c>PROXY TCP4 192.0.2.1 198.51.100.1 56324 443</c> CR LF.</summary>
internal static class ProxyHeaderV1
{
    /// <inheritdoc cref="ProxyHeaderParser.TryParse"/>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ProxyHeader? header, out int length)
    {
        header = null;
        if (!ProxyHeaderParser.StartsLike(bytes, ProxyHeaderFormat.Line))
        {
            throw new InvalidDataException("it does not begin with PROXY");
        }

        int end = bytes[..Math.Min(bytes.Length, ProxyHeaderFormat.MaxLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            length = bytes.Length + 1;
            return length <= ProxyHeaderFormat.MaxLine
                ? false
                : throw new InvalidDataException($"its line is longer than {ProxyHeaderFormat.MaxLine} bytes");
        }

        length = end + 2;
        header = Parse(Encoding.ASCII.GetString(bytes[ProxyHeaderFormat.Line.Length..Math.Max(end, ProxyHeaderFormat.Line.Length)]));
        return true;
    }

    public static byte[] Format(ProxyHeader header)
    {
        if (header is not { Source: IPEndPoint source, Destination: IPEndPoint destination })
        {
            return "PROXY UNKNOWN\r\n"u8.ToArray();
        }

        (IPAddress from, IPAddress to) = ProxyHeaderV2.OneFamily(source.Address, destination.Address);
        string family = from.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"PROXY {family} {WithoutScope(from)} {WithoutScope(to)} {source.Port} {destination.Port}\r\n"));
    }

    private static ProxyHeader Parse(string text)
    {
        if (text == "UNKNOWN" || text.StartsWith("UNKNOWN ", StringComparison.Ordinal))
        {
            return new ProxyHeader(ProxyProtocolVersion.V1);
        }

        return text.Split(' ') switch
        {
            ["TCP4", var source, var destination, var from, var to] => Header(AddressFamily.InterNetwork, source, from, destination, to),
            ["TCP6", var source, var destination, var from, var to] => Header(AddressFamily.InterNetworkV6, source, from, destination, to),
            _ => throw new InvalidDataException("its line is malformed"),
        };
    }

    private static ProxyHeader Header(AddressFamily family, string source, string from, string destination, string to) =>
        new(EndPointOf(source, from, family), EndPointOf(destination, to, family), ProxyProtocolVersion.V1);

    private static IPEndPoint EndPointOf(string address, string port, AddressFamily family)
    {
        bool isStrict = IPAddress.TryParse(address, out IPAddress? parsed) && parsed.AddressFamily == family && (family == AddressFamily.InterNetwork

            // In the canonical form only, not 0x7f.1 or 127.1.
            ? parsed.ToString() == address

            // Without scope and brackets.
            : address.All(character => char.IsAsciiHexDigit(character) || character is ':' or '.'));
        if (!isStrict || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            throw new InvalidDataException("its line is malformed");
        }

        return new IPEndPoint(parsed!, number);
    }

    private static IPAddress WithoutScope(IPAddress address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()) : address;
}
