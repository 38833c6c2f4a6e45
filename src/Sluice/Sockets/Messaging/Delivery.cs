using Sluice.Channels.Messages;

namespace Sluice.Sockets.Messaging;

/// <summary>One message on its way to the members of a group, and which of them get it.</summary>
internal readonly struct Delivery(MessageBuffer shared, OutboxKey? key, Connection? except, Func<Connection, bool>? where)
{
    // Once for all members.
    private readonly int _now = Environment.TickCount;

    /// <summary>Gets the message, which the outboxes share.</summary>
    public MessageBuffer Shared => shared;

    /// <summary>Whether a member gets the message. Calls the user's filter.</summary>
    public bool Includes(Connection connection) => !ReferenceEquals(connection, except) && (where is null || where(connection));

    /// <summary>Posts the message. If it is queued, that takes over a reference.</summary>
    public bool PostTo(Outbox outbox) => outbox.PostTogether(shared, key, _now);
}
