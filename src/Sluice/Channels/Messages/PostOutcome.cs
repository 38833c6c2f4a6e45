namespace Sluice.Channels.Messages;

/// <summary>Says whether a message that was posted is queued.</summary>
internal enum PostOutcome
{
    /// <summary>It is queued.</summary>
    Queued,

    /// <summary>It is dropped, because the queue is full.</summary>
    Full,

    /// <summary>It is dropped, because nothing more is accepted.</summary>
    Closed,
}
