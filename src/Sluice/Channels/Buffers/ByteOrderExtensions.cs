using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Sluice.Channels.Buffers;

internal static class ByteOrderExtensions
{
    /// <summary>Whether this machine has its numbers the other way round.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no order.</exception>
    public static bool IsExternal(this ByteOrder order) => order switch
    {
        ByteOrder.BigEndian => BitConverter.IsLittleEndian,
        ByteOrder.LittleEndian => !BitConverter.IsLittleEndian,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>A number whose bytes stand the other way round.</summary>
    public static T Reverse<T>(T value)
        where T : unmanaged
    {
        // What the size is, the compiler knows: one of these is left.
        switch (Unsafe.SizeOf<T>())
        {
            case 1:
                return value;
            case 2:
                return Unsafe.BitCast<ushort, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, ushort>(value)));
            case 4:
                return Unsafe.BitCast<uint, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, uint>(value)));
            case 8:
                return Unsafe.BitCast<ulong, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, ulong>(value)));
            default:
                return Unsafe.BitCast<UInt128, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, UInt128>(value)));
        }
    }
}
