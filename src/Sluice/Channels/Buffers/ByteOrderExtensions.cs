using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Sluice.Channels.Buffers;

internal static class ByteOrderExtensions
{
    /// <summary>Whether this machine keeps numbers in the reverse order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The order is undefined.</exception>
    public static bool IsExternal(this ByteOrder order) => order switch
    {
        ByteOrder.BigEndian => BitConverter.IsLittleEndian,
        ByteOrder.LittleEndian => !BitConverter.IsLittleEndian,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    /// <summary>Reverses the bytes of a number.</summary>
    public static T Reverse<T>(T value)
        where T : unmanaged
    {
        // The JIT compiler knows the size, and keeps one of these cases.
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
