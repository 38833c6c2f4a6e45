namespace Sluice.Scheduling;

/// <summary>
/// A writer whose bytes are sent when the turn that wrote them ends. It is its own list node, so that deferring allocates nothing.
/// </summary>
internal interface IDeferredFlush
{
    /// <summary>The next writer of the same turn. Only <see cref="LoopTurn"/> touches it.</summary>
    IDeferredFlush? NextDeferred { get; set; }

    /// <summary>
    /// Hands the written bytes to the kernel. Never throws: a failure is kept for the writer's next call. Called on a loop between two pieces of
    /// user code, or on the monitor's thread, so user code that it leads to is left to <paramref name="scheduler"/>.
    /// </summary>
    void FlushDeferred(IScheduler scheduler);
}
