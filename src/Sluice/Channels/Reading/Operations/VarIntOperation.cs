using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using Sluice.Channels.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a LEB128 integer of at most 64 bits.</summary>
internal readonly struct VarIntOperation<T> : IReadOperation<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static void ThrowIfTooWide()
    {
        if (Unsafe.SizeOf<T>() > sizeof(ulong))
        {
            throw new NotSupportedException($"{typeof(T)} has more than 64 bits.");
        }
    }

    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T result)
    {
        int bits = Unsafe.SizeOf<T>() * 8;
        bool signed = VarInt.IsSigned<T>();
        if (!VarInt.TryDecode(buffered, bits, signed, out ulong value, out int length))
        {
            result = T.Zero;
            return context.Ended ? throw Failures.Unfinished("variable-length integer", buffered.Length) : false;
        }

        result = T.CreateTruncating(value);
        context.Consumed = length;
        return true;
    }
}
