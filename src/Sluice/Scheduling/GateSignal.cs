namespace Sluice.Scheduling;

/// <summary>Why a wait at a <see cref="Gate"/> ended.</summary>
internal enum GateSignal
{
    /// <summary>What was waited for may be there: try.</summary>
    Ready,

    /// <summary>The gate was closed.</summary>
    Closed,

    /// <summary>Nothing happened for as long as the gate's timeout.</summary>
    TimedOut,

    /// <summary>Somebody called <see cref="Gate.Interrupt"/>.</summary>
    Interrupted,

    /// <summary>The caller's token was cancelled. Never seen by callers: the wait throws.</summary>
    Canceled,
}
