namespace Sluice.Channels.Messages;

/// <summary>A message in a <see cref="MessageQueue"/>.</summary>
/// <param name="Content">
/// A <see cref="MessageBuffer"/> or a <see cref="KeyedMessage"/>; null for a message whose bytes are the next ones of the queue's own.
/// </param>
/// <param name="Length">The number of bytes.</param>
/// <param name="QueuedAt">The low bits of the system's milliseconds when it was queued.</param>
internal readonly record struct MessageEntry(object? Content, int Length, int QueuedAt);
