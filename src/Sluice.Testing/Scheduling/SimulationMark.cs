namespace Sluice.Testing.Scheduling;

/// <summary>Marks the execution context of everything that a run starts, and finds such code on other threads.</summary>
internal static class SimulationMark
{
    private static readonly AsyncLocal<SimulationLoop?> s_loop = new(OnChanged);

    /// <summary>Marks the execution context of this thread.</summary>
    public static void Set(SimulationLoop? loop) => s_loop.Value = loop;

    private static void OnChanged(AsyncLocalValueChangedArgs<SimulationLoop?> args)
    {
        if (args is { ThreadContextChanged: true, CurrentValue: { IsOnThread: false } loop })
        {
            _ = loop.ReportEscape(
                "code of the simulation runs on another thread: it was queued there, by ThreadPool.QueueUserWorkItem, a Channel that was awaited with ConfigureAwait(false) "
                + "(as ReadAllAsync does), Task.Yield outside of a synchronization context, a Timer or a Thread");
        }
    }
}
