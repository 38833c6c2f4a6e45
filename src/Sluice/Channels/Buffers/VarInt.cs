using System.Buffers;
using System.Numerics;
using Sluice.Channels.Reading;

namespace Sluice.Channels.Buffers;

/// <summary>Encodes and decodes LEB128: seven bits a byte, the least significant first, and the highest bit set while more bytes follow.</summary>
internal static class VarInt
{
    /// <summary>Represents the most bytes of an integer of 64 bits.</summary>
    public const int LongestLength = 10;

    public static bool IsSigned<T>()
        where T : INumberBase<T> =>
        T.IsNegative(T.CreateTruncating(-1));

    /// <summary>Returns the number of bytes that an integer needs.</summary>
    public static int GetLength(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Encodes an integer in as few bytes as possible, and returns their number.</summary>
    public static int Encode(ulong value, Span<byte> destination)
    {
        int length = 0;
        while (value > 0x7F)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <inheritdoc cref="Encode(ulong, Span{byte})"/>
    public static int Encode(long value, Span<byte> destination)
    {
        // Bit 6 of the last byte is the sign.
        int length = 0;
        while (value is < -0x40 or > 0x3F)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)(value & 0x7F);
        return length;
    }

    /// <summary>Whether the integer at the start has one byte.</summary>
    public static bool IsSingle(ReadOnlySpan<byte> bytes) => bytes is [< 0x80, ..];

    /// <summary>Decodes an integer of one byte.</summary>
    public static T DecodeSingle<T>(byte value)
        where T : IBinaryInteger<T> =>
        T.CreateTruncating(IsSigned<T>() ? (sbyte)(value << 1) >> 1 : value);

    /// <summary>Decodes the integer at the start, if all its bytes have come.</summary>
    /// <param name="bytes">The bytes that have come.</param>
    /// <param name="bits">The most bits of the integer, 64 or fewer.</param>
    /// <param name="signed">Whether the highest bit is the sign.</param>
    /// <param name="value">The integer, sign-extended.</param>
    /// <param name="length">The number of its bytes.</param>
    /// <exception cref="InvalidDataException">The integer has more bits.</exception>
    public static bool TryDecode(in ReadOnlySequence<byte> bytes, int bits, bool signed, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            foreach (byte part in segment.Span)
            {
                int shift = 7 * length++;
                int left = bits - shift;
                bool last = (part & 0x80) == 0;
                if (left < 7 && !Fits(part, left, signed))
                {
                    throw MalformedData.Exception($"The variable-length integer does not fit into {bits} bits.");
                }

                value |= (ulong)(part & 0x7F) << shift;
                if (last)
                {
                    if (signed && (part & 0x40) != 0 && shift + 7 < 64)
                    {
                        value |= ulong.MaxValue << (shift + 7);
                    }

                    return true;
                }

                if (left <= 7)
                {
                    throw MalformedData.Exception($"The variable-length integer is longer than {bits} bits need.");
                }
            }
        }

        return false;
    }

    // The surplus bits of the last byte must repeat the sign, or be 0.
    private static bool Fits(byte part, int left, bool signed)
    {
        int surplus = (part & 0x7F) >> (signed ? left - 1 : left);
        return surplus == 0 || (signed && surplus == 0x7F >> (left - 1));
    }
}
