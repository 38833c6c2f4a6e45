namespace Sluice.Testing.Tcp;

/// <summary>A queue of bytes in one array, which grows as it is used.</summary>
internal sealed class ByteRing
{
    private byte[] _bytes = [];
    private int _start;

    public int Count { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(Count + bytes.Length);
        int at = (_start + Count) & (_bytes.Length - 1);
        int first = Math.Min(bytes.Length, _bytes.Length - at);
        bytes[..first].CopyTo(_bytes.AsSpan(at));
        bytes[first..].CopyTo(_bytes);
        Count += bytes.Length;
    }

    /// <summary>Copies bytes, beginning at an offset, and keeps them.</summary>
    public void Peek(int offset, Span<byte> into)
    {
        if (into.IsEmpty)
        {
            return;
        }

        int at = (_start + offset) & (_bytes.Length - 1);
        int first = Math.Min(into.Length, _bytes.Length - at);
        _bytes.AsSpan(at, first).CopyTo(into);
        _bytes.AsSpan(0, into.Length - first).CopyTo(into[first..]);
    }

    /// <summary>Takes up to as many bytes as there is room for.</summary>
    public int Read(Span<byte> into)
    {
        int count = Math.Min(into.Length, Count);
        Peek(0, into[..count]);
        Discard(count);
        return count;
    }

    public void Discard(int count)
    {
        Count -= count;
        _start = Count == 0 ? 0 : (_start + count) & (_bytes.Length - 1);
    }

    private void Reserve(int size)
    {
        if (size > _bytes.Length)
        {
            byte[] larger = new byte[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, 256))];
            Peek(0, larger.AsSpan(0, Count));
            _bytes = larger;
            _start = 0;
        }
    }
}
