using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Channels.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a number in the byte order of this machine, or in the reverse one.</summary>
internal readonly struct NumberOperation<T>(bool reverse) : IReadOperation<T>
    where T : unmanaged
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T result)
    {
        int size = Unsafe.SizeOf<T>();
        if (!MemoryMarshal.TryRead(buffered.FirstSpan, out result))
        {
            if (buffered.Length < size)
            {
                return context.Ended ? throw Failures.EndOfStream(buffered.Length, size) : false;
            }

            buffered.Slice(0, size).CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref result)));
        }

        if (reverse)
        {
            result = ByteOrderExtensions.Reverse(result);
        }

        context.Consumed = size;
        return true;
    }
}
