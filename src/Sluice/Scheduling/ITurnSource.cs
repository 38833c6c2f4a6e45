namespace Sluice.Scheduling;

/// <summary>Has turns for the <see cref="HandoffMonitor"/> to watch: a loop, or the scheduler of pool threads.</summary>
internal interface ITurnSource
{
    /// <summary>Adds the turns that may be inside user code now.</summary>
    void CollectTurns(ICollection<LoopTurn> into);

    /// <summary>Whether user code may be entered without a call to <see cref="HandoffMonitor.EnsureAwake"/> first.</summary>
    bool IsRunning { get; }

    /// <summary>
    /// Takes <paramref name="turn"/> away from its thread, if that is still inside the piece of user code in which <paramref name="state"/> was
    /// read.
    /// </summary>
    bool TryTakeOver(LoopTurn turn, long state);
}
