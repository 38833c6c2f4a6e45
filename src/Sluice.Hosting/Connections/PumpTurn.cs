using System.IO.Pipelines;

namespace Sluice.Hosting.Connections;

/// <summary>
/// Runs the application's reader on the thread of the pump that feeds it, as soon as the pump waits: a request gets to the application without a hop to
/// another thread, and an application that blocks holds up no pump. While the pump has more to do, it leaves the reader to the pool.
/// </summary>
/// <remarks>Belongs to one pump. Any thread may call <see cref="Schedule"/>; the pump calls the rest.</remarks>
internal sealed class PumpTurn : PipeScheduler
{
    // The thread on which the pump runs; 0 while it waits. Another thread compares it with its own number only, which it never reads here.
    private int _thread;

    // Only on the thread of the pump.
    private Action<object?>? _reader;
    private object? _state;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (Volatile.Read(ref _thread) == Environment.CurrentManagedThreadId && _reader is null)
        {
            (_reader, _state) = (action, state);
        }
        else
        {
            ThreadPool.Schedule(action, state);
        }
    }

    /// <summary>Says that the pump runs on this thread.</summary>
    public void Enter() => Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);

    /// <summary>Says that the pump has nothing more to do on this thread. The caller runs the reader, if there is one, when the pump waits.</summary>
    public (Action<object?>? Reader, object? State) Leave()
    {
        Volatile.Write(ref _thread, 0);
        return TakeReader();
    }

    /// <summary>Says that the pump has ended.</summary>
    public void End()
    {
        Volatile.Write(ref _thread, 0);
        PassReaderOn();
    }

    /// <summary>Leaves the reader, if there is one, to the pool: the pump has more to do.</summary>
    public void PassReaderOn()
    {
        if (TakeReader() is ({ } reader, var state))
        {
            ThreadPool.Schedule(reader, state);
        }
    }

    private (Action<object?>? Reader, object? State) TakeReader()
    {
        (Action<object?>?, object?) taken = (_reader, _state);
        (_reader, _state) = (null, null);
        return taken;
    }
}
