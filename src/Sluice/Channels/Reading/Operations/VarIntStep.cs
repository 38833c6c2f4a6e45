using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sluice.Channels.Reading;

/// <summary>A LEB128 integer of at most 64 bits.</summary>
internal readonly struct VarIntStep<T> : IReadStep<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static void ThrowIfTooWide()
    {
        if (Unsafe.SizeOf<T>() > sizeof(ulong))
        {
            throw new NotSupportedException($"{typeof(T)} has more than 64 bits.");
        }
    }

    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out T result)
    {
        int bits = Unsafe.SizeOf<T>() * 8;
        bool signed = VarInt.IsSigned<T>();
        if (!VarInt.TryDecode(buffered, bits, signed, out ulong value, out int length))
        {
            result = T.Zero;
            return taking.Ended ? throw Failures.Unfinished("variable-length integer", buffered.Length) : false;
        }

        result = T.CreateTruncating(value);
        taking.Consumed = length;
        return true;
    }
}
