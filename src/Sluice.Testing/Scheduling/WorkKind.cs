namespace Sluice.Testing.Scheduling;

/// <summary>The kind of a piece of work that is ready to run.</summary>
internal enum WorkKind : byte
{
    /// <summary>A continuation that Sluice has scheduled. Runs without a synchronization context.</summary>
    Runnable,

    /// <summary>A callback that was posted to the synchronization context of a domain.</summary>
    Posted,

    /// <summary>Work that was meant for the thread pool.</summary>
    Pooled,

    /// <summary>Work that a thread of the pool runs, while this one waits; see <see cref="JoinedWork"/>.</summary>
    Joined,

    /// <summary>A timer of a domain.</summary>
    Timer,

    /// <summary>An event of the simulated network: a packet, or a timer of a kernel.</summary>
    Kernel,
}
