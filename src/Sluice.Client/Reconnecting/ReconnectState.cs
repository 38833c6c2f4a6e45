namespace Sluice.Client;

/// <summary>Says what a <see cref="ReconnectingConnection{TSession}"/> is doing.</summary>
public enum ReconnectState
{
    /// <summary>It connects, or opens the session.</summary>
    Connecting = 0,

    /// <summary>There is a session.</summary>
    Connected = 1,

    /// <summary>The session has ended.</summary>
    Disconnected = 2,

    /// <summary>It waits before it tries again.</summary>
    Waiting = 3,

    /// <summary>It is disposed of, or has given up.</summary>
    Closed = 4,
}
