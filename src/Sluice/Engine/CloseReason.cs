namespace Sluice.Engine;

/// <summary>The cause of a close on this side.</summary>
internal enum CloseReason : byte
{
    /// <summary>The socket is open, or only its input or output is closed.</summary>
    Unknown,

    /// <summary>The application closed or disposed of it.</summary>
    Closed,

    /// <summary>The application aborted it.</summary>
    Aborted,

    /// <summary>Its outbox was full, and its options say that this ends it.</summary>
    OutboxFull,

    /// <summary>The server that listens at it, or has accepted it, was stopped.</summary>
    ServerStopped,

    /// <summary>Its manager was disposed of.</summary>
    ManagerDisposed,
}
