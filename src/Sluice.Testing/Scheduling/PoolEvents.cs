using System.Diagnostics.Tracing;

namespace Sluice.Testing.Scheduling;

/// <summary>
/// Hears of each piece of work that goes into the thread pool, on the thread that queues it and before it is queued; and of each that the pool takes out, on
/// the thread that is about to run it.
/// </summary>
/// <remarks>
/// These are the runtime's events ThreadPoolEnqueueWork and ThreadPoolDequeueWork. They are on only while a simulation needs them, because they cost all work of
/// the process some time. An event has the hash code of the work, and not the work itself (dotnet/runtime, FrameworkEventSource).
/// </remarks>
internal sealed class PoolEvents : EventListener
{
    private const string SourceName = "System.Diagnostics.Eventing.FrameworkEventSource";
    private const EventKeywords ThreadPoolKeyword = (EventKeywords)0x2;
    private const int Queued = 30;
    private const int Taken = 31;

    // Simulations may hold up some threads of the pool at a time, each for a moment. Without more threads, the pool would wait half a second for each.
    private const int MoreThreads = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly Lock s_gate = new();
    private static PoolEvents? s_instance;
    private static int s_users;

    [ThreadStatic]
    private static int s_heard;

    private EventSource? _source;

    private PoolEvents()
    {
    }

    /// <summary>Turns the events on, until <see cref="Close"/>.</summary>
    /// <exception cref="PlatformNotSupportedException">The runtime does not raise them.</exception>
    public static void Open()
    {
        lock (s_gate)
        {
            if (s_users++ == 0)
            {
                ChangeMinThreads(MoreThreads);
                s_instance ??= new PoolEvents();
                s_instance.Enable();
            }
        }

        if (!IsHeard())
        {
            Close();
            throw new PlatformNotSupportedException("The runtime does not say what enters its thread pool, so a simulation cannot join it: System.Diagnostics.Tracing.EventSource.IsSupported may be off.");
        }
    }

    public static void Close()
    {
        lock (s_gate)
        {
            if (--s_users == 0)
            {
                s_instance!.Disable();
                ChangeMinThreads(-MoreThreads);
            }
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == SourceName)
        {
            _source = eventSource;
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (!ReferenceEquals(eventData.EventSource, _source) || eventData.Payload is not [long id])
        {
            return;
        }

        if (eventData.EventId == Queued)
        {
            s_heard++;
            PoolJoin.Current?.OnQueued(id);
        }
        else if (eventData.EventId == Taken)
        {
            JoinedWork.TakeQueued(id)?.Arrive();
        }
    }

    // The pool looks from time to time whether the events are on: whenever one of its threads begins to work.
    private static bool IsHeard()
    {
        long began = TimeProvider.System.GetTimestamp();
        int before = s_heard;
        while (s_heard == before)
        {
            if (TimeProvider.System.GetElapsedTime(began) > s_patience)
            {
                return false;
            }

            ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);
            Thread.Sleep(1);
        }

        return true;
    }

    private static void ChangeMinThreads(int by)
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(workers + by, ports);
    }

    private void Enable()
    {
        if (_source is { } source)
        {
            EnableEvents(source, EventLevel.Verbose, ThreadPoolKeyword);
        }
    }

    private void Disable()
    {
        if (_source is { } source)
        {
            DisableEvents(source);
        }
    }
}
