namespace Sluice.Scheduling;

/// <summary>Why a wait at a <see cref="ReadinessEvent"/> ended.</summary>
internal enum WaitOutcome : byte
{
    /// <summary>The event was set: a try may succeed.</summary>
    Ready,

    /// <summary>The event was closed.</summary>
    Closed,

    /// <summary>The event was not set within its timeout.</summary>
    TimedOut,

    /// <summary><see cref="ReadinessEvent.Interrupt"/> was called.</summary>
    Interrupted,

    /// <summary>The caller's token was cancelled. The wait then throws, so callers never get it.</summary>
    Canceled,
}
