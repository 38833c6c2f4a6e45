namespace Sluice.Client;

/// <summary>Says what happens to a message without a request when <see cref="RequestChannelOptions.PushCapacity"/> of them wait to be read.</summary>
public enum PushOverflow
{
    /// <summary>The oldest message is dropped.</summary>
    DropOldest = 0,

    /// <summary>The new message is dropped.</summary>
    DropNewest = 1,

    /// <summary>The channel reads nothing more, replies included, until there is room: the peer is slowed down.</summary>
    Wait = 2,

    /// <summary>The connection is closed.</summary>
    Close = 3,
}
