namespace Sluice.Scheduling;

/// <summary>An object that carries the links of the one <see cref="IntrusiveList{T}"/> it can be in. Only the list touches them.</summary>
internal abstract class LinkedNode<T>
    where T : LinkedNode<T>
{
    internal T? Previous { get; set; }

    internal T? Next { get; set; }
}
