namespace Sluice.Channels.Messages;

/// <summary>Learns of the end of a <see cref="MessageQueue"/>.</summary>
internal interface IMessageQueueOwner
{
    /// <summary>
    /// Called once, outside every lock, when no more messages are accepted. It may be called on a loop outside of a turn, so it runs no user code.
    /// </summary>
    void OnClosed();

    /// <summary>Called outside every lock when queued messages were discarded, because nothing can be sent any more. Runs no user code.</summary>
    void OnDiscarded(int count);
}
