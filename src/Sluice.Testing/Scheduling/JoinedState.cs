namespace Sluice.Testing.Scheduling;

/// <summary>How far a piece of <see cref="JoinedWork"/> is. The order counts.</summary>
internal enum JoinedState : byte
{
    /// <summary>No thread of the pool has taken it.</summary>
    Queued,

    /// <summary>A thread has, and waits.</summary>
    Arrived,

    /// <summary>That thread runs it as a part of the simulation.</summary>
    Runs,

    /// <summary>That thread has run it.</summary>
    Ended,

    /// <summary>It is no part of the simulation.</summary>
    Dismissed,
}
