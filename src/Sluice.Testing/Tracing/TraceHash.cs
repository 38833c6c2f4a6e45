using System.Runtime.InteropServices;

namespace Sluice.Testing.Tracing;

/// <summary>A hash over everything that happens in a run (FNV-1a over words of 64 bits, with a final mix). The same on each machine.</summary>
internal struct TraceHash
{
    private const ulong Prime = 0x100000001B3;

    private ulong _hash;

    public TraceHash() => _hash = 0xCBF29CE484222325;

    public readonly ulong Value
    {
        get
        {
            ulong hash = _hash;
            hash ^= hash >> 32;
            hash *= 0xD6E8FEB86659FD93;
            return hash ^ (hash >> 32);
        }
    }

    public void Add(ulong word) => _hash = (_hash ^ word) * Prime;

    public void Add(string text) => Add(MemoryMarshal.AsBytes(text.AsSpan()));

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        while (bytes.Length >= sizeof(ulong))
        {
            Add(MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte one in bytes)
        {
            Add(one);
        }
    }
}
