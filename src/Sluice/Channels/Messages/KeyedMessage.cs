namespace Sluice.Channels.Messages;

/// <summary>A message that a later one with the same key replaces. Guarded by the lock of the queue.</summary>
internal sealed class KeyedMessage
{
    public OutboxKey Key { get; set; }

    public MessageBuffer? Buffer { get; set; }

    /// <summary>Gets or sets the next spare object.</summary>
    public KeyedMessage? Next { get; set; }
}
