using System.Diagnostics.CodeAnalysis;

namespace Sluice.Proxying;

/// <summary>Parses a PROXY header at the start of received bytes.</summary>
internal static class ProxyHeaderParser
{
    /// <summary>Parses a header. False if it is incomplete.</summary>
    /// <param name="bytes">The received bytes.</param>
    /// <param name="maxLength">The maximum length of a header of version 2.</param>
    /// <param name="header">The header.</param>
    /// <param name="length">The length of the header; if it is incomplete, its minimum length, which is always more than the received bytes.</param>
    /// <exception cref="InvalidDataException">The bytes are not a valid header.</exception>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int maxLength, [NotNullWhen(true)] out ProxyHeader? header, out int length)
    {
        header = null;
        length = 1;
        if (bytes.IsEmpty)
        {
            return false;
        }

        return bytes[0] == ProxyHeaderFormat.Line[0]
            ? ProxyHeaderV1.TryParse(bytes, out header, out length)
            : ProxyHeaderV2.TryParse(bytes, maxLength, out header, out length);
    }

    /// <summary>Gets whether the bytes match the start of <paramref name="expected"/>.</summary>
    public static bool StartsLike(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected)
    {
        int count = Math.Min(bytes.Length, expected.Length);
        return bytes[..count].SequenceEqual(expected[..count]);
    }
}
