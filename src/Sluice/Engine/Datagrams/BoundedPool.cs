using System.Diagnostics.CodeAnalysis;

namespace Sluice.Engine.Datagrams;

/// <summary>A pool of a few objects that are expensive to create. Thread-safe.</summary>
internal sealed class BoundedPool<T>(int capacity)
    where T : class
{
    private readonly Lock _lock = new();

    // Under _lock, with _count.
    private readonly T?[] _spare = new T?[capacity];
    private int _count;

    public bool TryRent([NotNullWhen(true)] out T? item)
    {
        lock (_lock)
        {
            item = _count > 0 ? _spare[--_count] : null;
            return item is not null;
        }
    }

    public void Return(T item)
    {
        lock (_lock)
        {
            if (_count < _spare.Length)
            {
                _spare[_count++] = item;
            }
        }
    }
}
