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

    // The lowest bit says that the user of the rental takes the connection for broken. The rest is the number of the rental. Interlocked: one of several
    // disposals gives the connection back, and a user that is late does not invalidate the connection of the next one.
    private long _state;

    public int Rental => NumberOf(Volatile.Read(ref _state));

    /// <summary>Notes that the user of a rental takes the connection for broken. Does nothing after the end of the rental.</summary>
    public void Invalidate(int rental)
    {
        long state = Volatile.Read(ref _state);
        if (NumberOf(state) == rental)
        {
            // A failure means that the rental has ended, or is noted as broken already.
            Interlocked.CompareExchange(ref _state, state | 1, state);
        }
    }

    /// <summary>Ends a rental; false if it has ended before.</summary>
    public bool TryEnd(int rental, out bool isInvalid)
    {
        long state = Volatile.Read(ref _state);
        while (NumberOf(state) == rental)
        {
            long seen = Interlocked.CompareExchange(ref _state, (state & ~1L) + 2, state);
            if (seen == state)
            {
                isInvalid = (state & 1) != 0;
                return true;
            }

            state = seen;
        }

        isInvalid = false;
        return false;
    }

    private static int NumberOf(long state) => (int)(state >> 1);
}
