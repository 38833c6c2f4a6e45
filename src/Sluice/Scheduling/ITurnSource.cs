namespace Sluice.Scheduling;

/// <summary>Whoever has turns for the <see cref="HandoffMonitor"/> to watch.</summary>
internal interface ITurnSource
{
    /// <summary>Adds the turns that may be inside user code now.</summary>
    void CollectTurns(ICollection<LoopTurn> into);

    /// <summary>Whether user code may be entered without a call to <see cref="HandoffMonitor.EnsureAwake"/> first.</summary>
    bool IsRunning { get; }

    /// <summary>
    /// Takes <paramref name="turn"/> away from its thread, if that is still in the stay in user code that
    /// <paramref name="state"/> was read in.
    /// </summary>
    bool TryTakeOver(LoopTurn turn, long state);
}
