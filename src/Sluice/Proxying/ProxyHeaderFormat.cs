namespace Sluice.Proxying;

/// <summary>Defines the numbers of the PROXY protocol (haproxy, proxy-protocol.txt, 2.1 and 2.2).</summary>
internal static class ProxyHeaderFormat
{
    /// <summary>The length of the longest line of version 1, with CR LF.</summary>
    public const int MaxLine = 107;

    /// <summary>The length of the fixed part: signature, version and command, family and protocol, length of the rest.</summary>
    public const int FixedLength = 16;

    public const int FamilyInternet = 1;
    public const int FamilyInternetV6 = 2;
    public const int FamilyUnix = 3;
    public const int ProtocolStream = 1;
    public const int ProtocolDatagram = 2;
    public const int CommandLocal = 0;
    public const int CommandProxy = 1;

    /// <summary>The length of two addresses and two ports, or of two <c>sun_path</c>.</summary>
    public const int InternetLength = 12;
    public const int InternetV6Length = 36;
    public const int UnixPathLength = 108;
    public const int UnixLength = 2 * UnixPathLength;

    /// <summary>PP2_TYPE_CRC32C: one byte of type, two of length, four of checksum.</summary>
    public const byte ChecksumType = 3;
    public const int TypeAndLength = 3;
    public const int ChecksumLength = 4;

    public static ReadOnlySpan<byte> Line => "PROXY "u8;

    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;
}
