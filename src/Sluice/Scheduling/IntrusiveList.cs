namespace Sluice.Scheduling;

/// <summary>A doubly linked list through its own items, so that an item costs no node. Not thread-safe: the owner's lock guards it.</summary>
internal sealed class IntrusiveList<T>
    where T : LinkedNode<T>
{
    /// <summary>The item that was added last; the others follow by <see cref="LinkedNode{T}.Next"/>.</summary>
    public T? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>Adds an item that is in no list.</summary>
    public void Add(T item)
    {
        item.Next = First;
        if (First is { } first)
        {
            first.Previous = item;
        }

        First = item;
        Count++;
    }

    public bool Contains(T item) => item.Previous is not null || ReferenceEquals(First, item);

    /// <summary>Removes an item. False if it is not in the list.</summary>
    public bool Remove(T item)
    {
        if (!Contains(item))
        {
            return false;
        }

        if (item.Previous is { } previous)
        {
            previous.Next = item.Next;
        }
        else
        {
            First = item.Next;
        }

        if (item.Next is { } next)
        {
            next.Previous = item.Previous;
        }

        item.Previous = null;
        item.Next = null;
        Count--;
        return true;
    }
}
