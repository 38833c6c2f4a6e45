using System.Buffers;
using Sluice.Channels.Buffers;

namespace Sluice.Channels.Framing;

/// <summary>Holds the bytes that an <see cref="IFrameEncoder{TFrame}"/> writes. Each thread keeps one buffer for the next frame.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private const int FirstSize = 256;

    [ThreadStatic]
    private static FrameBuffer? s_spare;

    private byte[] _bytes = [];
    private int _count;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _count);

    public static FrameBuffer Rent()
    {
        FrameBuffer buffer = s_spare ?? new FrameBuffer();
        s_spare = null;
        return buffer;
    }

    public void Return()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            _count = 0;
        }

        s_spare = this;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _count);
        _count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int needed = checked(_count + Math.Max(sizeHint, 1));
        if (needed > _bytes.Length)
        {
            PooledBytes.Grow(ref _bytes, _count, Math.Max(needed, FirstSize));
        }

        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
