using System.Buffers;

namespace Sluice.Channels.Messages;

/// <summary>Keeps the entries of a <see cref="MessageQueue"/> in order, in a rented array. While it is empty, it holds a small one at most.</summary>
/// <remarks>Not thread-safe: the lock of the queue guards it.</remarks>
internal struct MessageRing
{
    private const int Smallest = 16;

    // A queue that is sent before it gets long fills one of this size. To rent it anew each time costs more than to keep it.
    private const int LargestKept = 256;

    private MessageEntry[]? _entries;
    private int _first;

    public int Count { get; private set; }

    /// <summary>Gets a reference to the first entry. Not while it is empty.</summary>
    public readonly ref MessageEntry First => ref _entries![_first];

    public void Add(in MessageEntry entry)
    {
        if (_entries is null || Count == _entries.Length)
        {
            Grow();
        }

        // The length is a power of two, as those of the array pool are.
        _entries![(_first + Count) & (_entries.Length - 1)] = entry;
        Count++;
    }

    /// <summary>Gets an entry by its position.</summary>
    public readonly ref MessageEntry At(int index) => ref _entries![(_first + index) & (_entries.Length - 1)];

    public void RemoveFirst()
    {
        _entries![_first] = default;
        _first = (_first + 1) & (_entries.Length - 1);
        if (--Count == 0)
        {
            Return();
        }
    }

    /// <summary>Removes all entries at once. Only if none of them has a content.</summary>
    public void Clear()
    {
        Count = 0;
        Return();
    }

    private void Return()
    {
        _first = 0;
        if (_entries is { Length: > LargestKept } entries)
        {
            _entries = null;
            ArrayPool<MessageEntry>.Shared.Return(entries);
        }
    }

    private void Grow()
    {
        MessageEntry[] larger = ArrayPool<MessageEntry>.Shared.Rent(Math.Max(Smallest, Count * 2));
        if (_entries is { } entries)
        {
            int atEnd = Math.Min(Count, entries.Length - _first);
            Array.Copy(entries, _first, larger, 0, atEnd);
            Array.Copy(entries, 0, larger, atEnd, Count - atEnd);
            Array.Clear(entries);
            ArrayPool<MessageEntry>.Shared.Return(entries);
        }

        _entries = larger;
        _first = 0;
    }
}
