namespace Sluice.Scheduling;

/// <summary>Why a wait at a <see cref="ReadinessEvent"/> ended.</summary>
internal enum WaitOutcome
{
    /// <summary>What was waited for may be there: try.</summary>
    Ready,

    /// <summary>The event was closed.</summary>
    Closed,

    /// <summary>Nothing happened for as long as the event's timeout.</summary>
    TimedOut,

    /// <summary>Somebody called <see cref="ReadinessEvent.Interrupt"/>.</summary>
    Interrupted,

    /// <summary>The caller's token was cancelled. Never seen by callers: the wait throws.</summary>
    Canceled,
}
