namespace Sluice;

public sealed partial class Connection
{
    /// <summary>
    /// Gets the outbox, to which any number of threads post whole messages for the peer, beside the writes on <see cref="Output"/>. The first use makes
    /// it, with <see cref="OutboxOptions"/>. A connection that does not use it has none.
    /// </summary>
    public Outbox Outbox => OpenedOutbox ?? OpenOutbox();

    /// <summary>
    /// Gets or sets the options of the <see cref="Outbox"/>, before its first use. Default: those of <c>ServeOptions.Outbox</c> for a connection
    /// that a server has accepted; else null, for the defaults.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is set after the first use of the outbox.</exception>
    public OutboxOptions? OutboxOptions
    {
        get => Volatile.Read(ref _outbox) switch
        {
            Outbox outbox => outbox.Options,
            var options => options as OutboxOptions,
        };
        set
        {
            object? before = Volatile.Read(ref _outbox);
            if (before is Outbox || !ReferenceEquals(Interlocked.CompareExchange(ref _outbox, value, before), before))
            {
                throw new InvalidOperationException("The outbox of this connection is in use. Set its options before the first use.");
            }
        }
    }

    /// <summary>Gets the outbox; null if it was not used yet.</summary>
    internal Outbox? OpenedOutbox => Volatile.Read(ref _outbox) as Outbox;

    private Outbox OpenOutbox()
    {
        while (true)
        {
            object? before = Volatile.Read(ref _outbox);
            if (before is Outbox outbox)
            {
                return outbox;
            }

            var created = new Outbox(this, new OutboxOptions((OutboxOptions?)before ?? new OutboxOptions()));
            if (ReferenceEquals(Interlocked.CompareExchange(ref _outbox, created, before), before))
            {
                return created;
            }
        }
    }
}
