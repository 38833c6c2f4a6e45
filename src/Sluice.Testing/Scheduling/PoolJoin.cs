using System.Diagnostics;
using System.Reflection;

namespace Sluice.Testing.Scheduling;

/// <summary>
/// The work of one run in the queue that all threads of the pool share (<c>preferLocal: false</c>, as Kestrel starts its connections). It runs on those threads,
/// one piece at a time, while the thread of the simulation waits: its order depends on the seed, as that of everything else.
/// </summary>
internal sealed class PoolJoin(SimulationLoop loop, PoolQueue queue, TimeSpan patience)
{
    // What remains at the end of a run may queue more of it.
    private const int MostAtEnd = 1000;

    [ThreadStatic]
    private static PoolJoin? s_current;

    // Since the last step; and those that are ready to run. Only the thread that runs the simulation uses them.
    private readonly List<JoinedWork> _announced = [];
    private readonly List<JoinedWork> _ready = [];

    /// <summary>Gets the run whose code is on this thread.</summary>
    public static PoolJoin? Current => s_current;

    public SimulationLoop Loop => loop;

    /// <summary>Makes this thread, or no thread, that of the run.</summary>
    public static void Begin(PoolJoin? join) => s_current = join;

    /// <summary>Called before something goes into the pool from this thread, into whichever queue.</summary>
    public void OnQueued(long id)
    {
        if (loop.Current is { } domain)
        {
            var work = new JoinedWork(this, domain, id);
            _announced.Add(work);
            work.Publish();
        }
    }

    /// <summary>Takes note of work that was in the queue of the thread itself.</summary>
    public void Forget(object work)
    {
        long id = work.GetHashCode();
        int index = _announced.FindIndex(announced => announced.Id == id);
        if (index >= 0)
        {
            _announced[index].Dismiss();
            _announced.RemoveAt(index);
        }
    }

    /// <summary>Moves what is left after the queue of the thread is empty to what is ready.</summary>
    public void AddReady(List<WorkItem> ready)
    {
        foreach (JoinedWork work in _announced)
        {
            _ready.Add(work);
            ready.Add(new WorkItem(WorkKind.Joined, work.Domain, work));
        }

        _announced.Clear();
    }

    /// <summary>Runs the oldest of a domain: the pool takes work in its order, so its thread has come, or comes next.</summary>
    public void RunNext(Domain domain)
    {
        int index = _ready.FindIndex(work => ReferenceEquals(work.Domain, domain));
        JoinedWork next = _ready[index];
        _ready.RemoveAt(index);
        if (!next.TryRun(patience))
        {
            next.Dismiss();
            _ = loop.ReportEscape(
                $"work that '{domain.Name}' has given to the thread pool has not come to a thread of it, or has not returned, within {patience}: it blocks, the pool has no thread, or a Task.Wait has taken it back");
        }
    }

    /// <summary>Runs what is left after the end of the run. All domains are dead, so it has no effect on them.</summary>
    public void Finish()
    {
        for (int i = 0; i < MostAtEnd && (_ready.Count > 0 || _announced.Count > 0); i++)
        {
            while (queue.TryTake() is { } work)
            {
                Forget(work);
            }

            _ready.AddRange(_announced);
            _announced.Clear();
            if (_ready.Count > 0)
            {
                RunNext(_ready[0].Domain);
            }
        }

        _ready.ForEach(work => work.Dismiss());
        _announced.ForEach(work => work.Dismiss());
    }

    /// <summary>Makes a thread of the pool that of the simulation.</summary>
    internal void Enter(JoinedWork work)
    {
        work.OwnLocals = PoolQueue.Exchange(queue.Locals);
        s_current = this;
        SimulationMark.Set(loop);
        loop.BeginTurn(work.Domain);
    }

    /// <summary>Ends <see cref="Enter"/>.</summary>
    internal void Leave(JoinedWork work)
    {
        try
        {
            SimulationLoop.EndTurn(work.Domain);
        }
        catch (Exception exception)
        {
            loop.Fail(exception);
        }

        s_current = null;
        PoolQueue.Exchange(work.OwnLocals);
    }

    /// <summary>
    /// Whether the pool takes the execution context away from its thread, which it does after each piece of work, and not code that runs other code in a context
    /// of its own. Called when the context of the thread changes.
    /// </summary>
    internal static bool IsAtEnd()
    {
        StackFrame[] frames = new StackTrace(fNeedFileInfo: false).GetFrames();
        int change = Array.FindIndex(frames, frame => frame.GetMethod() is { Name: "OnValuesChanged" } method && method.DeclaringType == typeof(ExecutionContext));

        // The first of the pool itself is the one that notifies, or the caller of that if the compiler has inlined it.
        MethodBase? caller = change >= 0 && change + 1 < frames.Length ? frames[change + 1].GetMethod() : null;
        return caller is { Name: "ResetThreadPoolThread" } || caller?.DeclaringType?.Name == "ThreadPoolWorkQueue";
    }
}
