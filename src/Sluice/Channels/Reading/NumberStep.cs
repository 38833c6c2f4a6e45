using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Channels.Reading;

/// <summary>A number as it is in memory, or the other way round.</summary>
internal readonly struct NumberStep<T>(bool reverse) : IReadStep<T>
    where T : unmanaged
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out T result)
    {
        int size = Unsafe.SizeOf<T>();
        if (!MemoryMarshal.TryRead(buffered.FirstSpan, out result))
        {
            if (buffered.Length < size)
            {
                return taking.Ended ? throw Failures.EndOfStream(buffered.Length, size) : false;
            }

            buffered.Slice(0, size).CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref result)));
        }

        if (reverse)
        {
            result = Reverse(result);
        }

        taking.Consumed = size;
        return true;
    }

    // What the size is, the compiler knows: one of these is left.
    private static T Reverse(T value)
    {
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
