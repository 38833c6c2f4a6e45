namespace Sluice;

/// <summary>Specifies the activity of an event loop.</summary>
public enum LoopActivity
{
    /// <summary>The loop waits for events of sockets.</summary>
    Sleeping,

    /// <summary>The loop polls sockets, or sends.</summary>
    Polling,

    /// <summary>The loop runs a handler.</summary>
    InHandler,
}
