namespace Sluice.Scheduling;

/// <summary>
/// A writer whose bytes leave when the turn that wrote them ends. An intrusive list node, so that deferring allocates nothing.
/// </summary>
internal interface IDeferredFlush
{
    /// <summary>The next writer of the same turn. Only <see cref="LoopTurn"/> touches it.</summary>
    IDeferredFlush? NextDeferred { get; set; }

    /// <summary>
    /// Hands what is written to the kernel. Never throws; a failure is kept for the writer's next call. Called on a loop between two stays in
    /// user code, and on the monitor's thread: what calls code of the user's is left to <paramref name="scheduler"/>.
    /// </summary>
    void FlushDeferred(IScheduler scheduler);
}
