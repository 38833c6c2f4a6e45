namespace Sluice.Testing.Scheduling;

/// <summary>Marks the execution context of everything that a run starts, and finds such code on other threads.</summary>
internal static class SimulationMark
{
    private static readonly AsyncLocal<SimulationLoop?> s_loop = new(OnChanged);

    /// <summary>Marks the execution context of this thread.</summary>
    public static void Set(SimulationLoop? loop) => s_loop.Value = loop;

    private static void OnChanged(AsyncLocalValueChangedArgs<SimulationLoop?> args)
    {
        if (!args.ThreadContextChanged)
        {
            return;
        }

        if (args.CurrentValue is null)
        {
            if (JoinedWork.Running is { } work)
            {
                LeaveContext(work);
            }
        }
        else if (args.CurrentValue is { IsOnThread: false } loop && !IsHarmless(Thread.CurrentThread))
        {
            _ = loop.ReportEscape(
                "code of the simulation runs on another thread: it was queued there, by ThreadPool.QueueUserWorkItem, a Channel that was awaited with ConfigureAwait(false) "
                + "(as ReadAllAsync does), Task.Yield outside of a synchronization context, Kestrel, a Timer or a Thread; SimulationOptions.JoinsThreadPool allows all but the last two");
        }
    }

    // Either a thread of the pool has run a piece of work, or it runs a part of it in another context. That part belongs to the simulation as well, and a task
    // that has run in its own context still has to complete.
    private static void LeaveContext(JoinedWork work)
    {
        if (PoolJoin.IsAtEnd())
        {
            work.End();
        }
        else
        {
            Set(work.Loop);
        }
    }

    // Threads that the code of a host starts, and that change nothing which a run depends on. Kestrel's renews the date that it writes into responses; the heartbeat of
    // its connections is that of SimulatedHeartbeat (Sluice.Hosting). That of the console logger writes what was logged.
    private static bool IsHarmless(Thread thread) => thread.Name is "Kestrel Timer" or "Console logger queue processing thread";
}
