using Sluice.Channels.Messages;

namespace Sluice.Sockets.Messaging;

/// <summary>One message on its way to the members of a group, and which of them get it.</summary>
internal readonly ref struct Delivery
{
    private readonly ReadOnlySpan<byte> _small;
    private readonly OutboxKey? _key;
    private readonly Connection? _except;
    private readonly Func<Connection, bool>? _where;

    /// <summary>Creates the delivery of a small message, which each outbox copies.</summary>
    public Delivery(ReadOnlySpan<byte> small, Connection? except, Func<Connection, bool>? where)
    {
        _small = small;
        _except = except;
        _where = where;
    }

    /// <summary>Creates the delivery of a message that the outboxes share.</summary>
    public Delivery(MessageBuffer shared, OutboxKey? key, Connection? except, Func<Connection, bool>? where)
    {
        Shared = shared;
        _key = key;
        _except = except;
        _where = where;
    }

    /// <summary>Gets the message that the outboxes share; null for a small one.</summary>
    public MessageBuffer? Shared { get; }

    /// <summary>Whether a member gets the message. Calls the user's filter.</summary>
    public bool Includes(Connection connection) => !ReferenceEquals(connection, _except) && (_where is null || _where(connection));

    /// <summary>Posts the message. If it is shared and queued, that takes over a reference.</summary>
    public bool PostTo(Outbox outbox) => Shared is { } shared ? outbox.PostTogether(shared, _key) : outbox.PostTogether(_small);
}
