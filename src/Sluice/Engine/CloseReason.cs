namespace Sluice.Engine;

/// <summary>What closed a socket on this side.</summary>
internal enum CloseReason : byte
{
    /// <summary>It is open, or what is read or written is closed without the socket.</summary>
    Unknown,

    /// <summary>The application closed or disposed of it.</summary>
    Closed,

    /// <summary>The application aborted it.</summary>
    Aborted,

    /// <summary>The server that listened, or had accepted it, was stopped.</summary>
    ServerStopped,

    /// <summary>Its manager was disposed of.</summary>
    ManagerDisposed,
}
