namespace Sluice.Client.Pooling;

/// <summary>An open connection of a pool.</summary>
internal sealed class PoolEntry<TConnection>(TConnection connection, long openedAt)
{
    public TConnection Connection { get; } = connection;

    public long OpenedAt { get; } = openedAt;

    /// <summary>Gets or sets when it was given back, or opened. Owned by the thread that has the entry, and guarded by the pool's lock while the entry is idle.</summary>
    public long IdleSince { get; set; } = openedAt;

    /// <summary>Gets or sets when it was rented. Guarded as <see cref="IdleSince"/> is.</summary>
    public long RentedAt { get; set; }

    /// <summary>Whether its user says that it is broken. Any thread may set it.</summary>
    public volatile bool IsInvalid;

    // Grows with each rental. Interlocked, so that one of several disposals of a lease gives the connection back.
    private int _rental;

    public int Rental => Volatile.Read(ref _rental);

    /// <summary>Ends a rental; false if it has ended before.</summary>
    public bool TryEnd(int rental) => Interlocked.CompareExchange(ref _rental, rental + 1, rental) == rental;
}
