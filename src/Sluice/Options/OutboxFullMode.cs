namespace Sluice;

/// <summary>Specifies what a post does when the outbox is full.</summary>
public enum OutboxFullMode
{
    /// <summary>Drops the message that is posted. The peer gets an uninterrupted beginning, and misses what came while it was slow.</summary>
    DropNewest,

    /// <summary>Drops the oldest messages in the outbox until the posted one fits. The peer gets the newest messages.</summary>
    DropOldest,

    /// <summary>Aborts the connection: the peer either gets every message or learns that it does not.</summary>
    Disconnect,
}
