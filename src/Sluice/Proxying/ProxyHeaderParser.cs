using System.Diagnostics.CodeAnalysis;

namespace Sluice.Proxying;

/// <summary>Finds a PROXY header at the beginning of what has come.</summary>
internal static class ProxyHeaderParser
{
    /// <summary>Whether the header is there.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="maxLength">How long a header of version 2 may be.</param>
    /// <param name="header">What it says.</param>
    /// <param name="length">How long it is; if it is not all there, how many bytes it has at least, always more than have come.</param>
    /// <exception cref="InvalidDataException">It is none, or will never be.</exception>
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

    /// <summary>Whether <paramref name="bytes"/> begin as they should, as far as they go.</summary>
    public static bool Agree(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected)
    {
        int count = Math.Min(bytes.Length, expected.Length);
        return bytes[..count].SequenceEqual(expected[..count]);
    }
}
