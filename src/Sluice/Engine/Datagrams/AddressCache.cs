using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Datagrams;

/// <summary>
/// A cache of values by the bytes of an address: a set-associative table of at most <see cref="MaxCount"/> entries. Not thread-safe.
/// </summary>
internal sealed class AddressCache<T>
{
    internal const int MaxCount = 1024;

    private const int Ways = 4;

    private Entry[] _entries = new Entry[Ways];
    private int _next;

    public bool TryGet(ReadOnlySpan<byte> address, [MaybeNullWhen(false)] out T value)
    {
        foreach (ref Entry entry in SetOf(Hash(address)))
        {
            if (entry.Key.Length == address.Length && entry.IsUsed && entry.Key.Bytes.SequenceEqual(address))
            {
                value = entry.Value!;
                return true;
            }
        }

        value = default;
        return false;
    }

    public void Set(ReadOnlySpan<byte> address, T value)
    {
        uint hash = Hash(address);
        while (true)
        {
            Span<Entry> set = SetOf(hash);
            foreach (ref Entry entry in set)
            {
                if (!entry.IsUsed || entry.Key.Bytes.SequenceEqual(address))
                {
                    entry.Fill(hash, address, value);
                    return;
                }
            }

            if (_entries.Length < MaxCount)
            {
                Grow();
                continue;
            }

            set[_next++ & (Ways - 1)].Fill(hash, address, value);
            return;
        }
    }

    public void Clear() => Array.Clear(_entries);

    // Spreads ports and hosts well enough. A sender that chooses its addresses for collisions gains only that end points are allocated again.
    private static uint Hash(ReadOnlySpan<byte> address)
    {
        ulong hash = (ulong)address.Length;
        foreach (uint word in MemoryMarshal.Cast<byte, uint>(address))
        {
            hash = (hash ^ word) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
        }

        foreach (byte rest in address[(address.Length & ~3)..])
        {
            hash = (hash ^ rest) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
        }

        return (uint)hash;
    }

    private Span<Entry> SetOf(uint hash) => _entries.AsSpan((int)(hash & (uint)((_entries.Length / Ways) - 1)) * Ways, Ways);

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[old.Length * 2];
        foreach (ref Entry entry in old.AsSpan())
        {
            if (!entry.IsUsed)
            {
                continue;
            }

            // There is room: the entries of one set go to two.
            foreach (ref Entry free in SetOf(entry.Hash))
            {
                if (!free.IsUsed)
                {
                    free = entry;
                    break;
                }
            }
        }
    }

    private struct Entry
    {
        public NativeAddress Key;
        public T? Value;
        public uint Hash;
        public bool IsUsed;

        public void Fill(uint hash, ReadOnlySpan<byte> address, T value)
        {
            Key.Set(address);
            (Hash, Value, IsUsed) = (hash, value, true);
        }
    }
}
