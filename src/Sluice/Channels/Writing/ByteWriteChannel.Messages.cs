using Sluice.Channels.Messages;
using Sluice.Channels.Writing;

namespace Sluice;

// For outboxes, which post whole messages beside the writes of this channel.
public sealed partial class ByteWriteChannel
{
    /// <summary>The queue to which an outbox posts.</summary>
    internal SendQueue SendQueue => _queue;

    /// <summary>Creates the exception of a post that is refused.</summary>
    internal Exception PostRefused()
    {
        try
        {
            ThrowIfUnusable();
        }
        catch (Exception exception)
        {
            return exception;
        }

        return new InvalidOperationException(_queue.Refusal == MessageRefusal.Upgraded
            ? "This connection was upgraded to TLS. Post to the outbox of the connection that the upgrade returned."
            : "A large write, a copy or a file ended before all of it was written, so that nothing can follow it.");
    }

    /// <summary>Accepts no more messages, because another layer is to write to this channel.</summary>
    internal void RefuseMessages() => _queue.RefuseMessages();

    /// <summary>Does as <see cref="RefuseMessages"/>, and waits until those that are queued are sent.</summary>
    internal async ValueTask EndMessagesAsync(MessageQueue? messages, CancellationToken cancellationToken)
    {
        RefuseMessages();
        while (messages is not null && _queue.Read(messages, static messages => !messages.IsEmpty))
        {
            if (_queue.IsLeased)
            {
                throw new InvalidOperationException(
                    "Messages wait in the outbox for the pipe's writer, which has got memory and has not called Advance. The connection cannot be upgraded before that.");
            }

            // The end of each flush takes as many messages as there is room for.
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        if (messages is not null)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
