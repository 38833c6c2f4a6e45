namespace Sluice;

/// <summary>What an event loop does.</summary>
public enum LoopActivity
{
    /// <summary>It waits for the sockets.</summary>
    Sleeping,

    /// <summary>It looks at the sockets, or sends.</summary>
    Polling,

    /// <summary>It runs a handler.</summary>
    InHandler,
}
