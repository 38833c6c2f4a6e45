using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>Where the writers of a <see cref="SendQueue"/> wait. Made for the first wait: most connections never need it.</summary>
internal sealed class RoomWaits
{
    /// <summary>Of the queue's own writer. Made by it, once; read anywhere.</summary>
    public volatile ReadinessEvent? Progress;

    /// <summary>Of the writer of the channel above, whose bytes the queue sends in another form. Made by it, once; read anywhere.</summary>
    public volatile ReadinessEvent? ProgressAbove;

    /// <summary>How many bytes have to be sent for the writer's wait to end; MaxValue if it does not wait. Guarded by the queue's lock.</summary>
    public long Awaited = long.MaxValue;
}
