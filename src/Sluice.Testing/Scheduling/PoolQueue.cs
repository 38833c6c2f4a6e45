using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sluice.Testing.Scheduling;

/// <summary>
/// Keeps the work that code on this thread gives to the thread pool: continuations after <c>ConfigureAwait(false)</c>, <see cref="Task.Run(Action)"/>, and
/// completions with <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>.
/// </summary>
/// <remarks>
/// The thread pool has no public seam. It pushes such work to the queue of the current thread if the thread has one, which only its own threads do
/// (dotnet/runtime, ThreadPoolWorkQueue.Enqueue). This gives a thread such a queue, which is not in the pool's list of queues, so that no other thread steals
/// from it. <see cref="IsSupported"/> is false on a runtime whose fields differ: the work then goes to the pool, and the run fails, because it has escaped.
/// Work that is queued with <c>preferLocal: false</c> always goes to the pool; see <see cref="PoolJoin"/>.
/// </remarks>
internal sealed class PoolQueue
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly s_core = typeof(object).Assembly;
    private static readonly Type? s_locals = s_core.GetType("System.Threading.ThreadPoolWorkQueueThreadLocals");
    private static readonly Type? s_queue = s_core.GetType("System.Threading.ThreadPoolWorkQueue")?.GetNestedType("WorkStealingQueue", BindingFlags.Public | BindingFlags.NonPublic);
    private static readonly FieldInfo? s_current = s_locals?.GetField("threadLocals", AnyStatic);
    // With more than 32 processors, the pool has several queues for all, and each thread knows one of them.
    private static readonly FieldInfo? s_pool = typeof(ThreadPool).GetField("s_workQueue", AnyStatic);
    private static readonly FieldInfo? s_global = s_core.GetType("System.Threading.ThreadPoolWorkQueue")?.GetField("workItems", AnyInstance);
    private static readonly FieldInfo? s_globalOfLocals = s_locals?.GetField("assignedGlobalWorkItemQueue", AnyInstance);
    private static readonly FieldInfo? s_queueOfLocals = s_locals?.GetField("workStealingQueue", AnyInstance);
    private static readonly MethodInfo? s_steal = s_queue?.GetMethod("TrySteal", AnyInstance);
    private static readonly Action<Task, Thread?>? s_execute = typeof(Task).GetMethod("ExecuteFromThreadPool", AnyInstance)?.CreateDelegate<Action<Task, Thread?>>();

    // Not in the static constructor, for which the trial's thread would wait.
    private static readonly Lazy<bool> s_isSupported = new(() =>
        s_current is not null && s_queueOfLocals is not null && s_steal is not null && s_execute is not null && Works());

    private readonly Steal _steal;

    private PoolQueue(object locals, Steal steal)
    {
        Locals = locals;
        _steal = steal;
    }

    private delegate object? Steal(ref bool missed);

    /// <summary>Whether this runtime has the fields that <see cref="Install"/> needs.</summary>
    public static bool IsSupported => s_isSupported.Value;

    /// <summary>Gets the queue as a thread has it; see <see cref="Exchange"/>.</summary>
    public object Locals { get; }

    /// <summary>Gives the current thread a queue of its own.</summary>
    public static PoolQueue Install()
    {
        object queue = Activator.CreateInstance(s_queue!, nonPublic: true)!;

        // Without its constructor, which would enter the queue into the pool's list, and without its finalizer, which would remove it.
        object locals = RuntimeHelpers.GetUninitializedObject(s_locals!);
#pragma warning disable CA1816 // This is no Dispose.
        GC.SuppressFinalize(locals);
#pragma warning restore CA1816
        s_queueOfLocals!.SetValue(locals, queue);
        s_globalOfLocals?.SetValue(locals, s_global?.GetValue(s_pool?.GetValue(null)));
        s_current!.SetValue(null, locals);
        return new PoolQueue(locals, s_steal!.CreateDelegate<Steal>(queue));
    }

    /// <summary>Takes the queue away from the current thread: what it gives to the pool goes there again.</summary>
    public static void Uninstall() => s_current?.SetValue(null, null);

    /// <summary>Gives the current thread another queue.</summary>
    /// <returns>The one that it had.</returns>
    public static object? Exchange(object? locals)
    {
        object? had = s_current!.GetValue(null);
        s_current.SetValue(null, locals);
        return had;
    }

    /// <summary>Takes the oldest piece of work; null if there is none.</summary>
    public object? TryTake()
    {
        bool missed = false;
        return _steal(ref missed);
    }

    /// <summary>Runs a piece of work as the pool would.</summary>
    public static void Run(object work)
    {
        if (work is Task task)
        {
            s_execute!(task, null);
        }
        else
        {
            ((IThreadPoolWorkItem)work).Execute();
        }
    }

    private static bool Works()
    {
        bool works = false;
        var trial = new Thread(() =>
        {
            try
            {
                PoolQueue queue = Install();
                int thread = Environment.CurrentManagedThreadId;
                Task<bool> ran = Task.Run(() => Environment.CurrentManagedThreadId == thread);
                if (queue.TryTake() is { } work)
                {
                    Run(work);
                    works = ran.IsCompletedSuccessfully;
                }
            }
            catch (Exception)
            {
                // The fields have another meaning.
            }
        });
        trial.UnsafeStart();
        trial.Join();
        return works;
    }
}
