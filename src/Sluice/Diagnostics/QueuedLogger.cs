using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Scheduling;

namespace Sluice.Diagnostics;

/// <summary>
/// Writes log entries in order on the thread pool: for places where user code must not run, such as the monitor's thread, a loop outside of a turn, or under a
/// lock. Exceptions of the logger are swallowed.
/// </summary>
internal sealed class QueuedLogger(ILogger logger) : ILogger, IThreadPoolWorkItem
{
    // A bound, because a logger that blocks forever must not exhaust the memory.
    private const int MaxWaiting = 10_000;

    private readonly ConcurrentQueue<Action<ILogger>> _entries = new();
    // Guards _written.
    private readonly Lock _lock = new();
    private TaskCompletionSource? _written;
    private int _waiting;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <summary>Always true: the logger is asked when the entry is written.</summary>
    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Volatile.Read(ref _waiting) >= MaxWaiting)
        {
            return;
        }

        _entries.Enqueue(it =>
        {
            if (it.IsEnabled(logLevel))
            {
                it.Log(logLevel, eventId, state, exception, formatter);
            }
        });
        if (Interlocked.Increment(ref _waiting) == 1)
        {
            PoolWork.Queue(this);
        }
    }

    /// <summary>Returns a task that completes when all earlier entries are written.</summary>
    public Task WhenWrittenAsync()
    {
        lock (_lock)
        {
            if (Volatile.Read(ref _waiting) == 0)
            {
                return Task.CompletedTask;
            }

            return (_written ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            if (_entries.TryDequeue(out Action<ILogger>? write))
            {
                Write(write);
            }
        }
        while (Interlocked.Decrement(ref _waiting) != 0);

        lock (_lock)
        {
            // If further entries have come, another run writes them.
            if (Volatile.Read(ref _waiting) == 0)
            {
                _written?.TrySetResult();
                _written = null;
            }
        }
    }

    private void Write(Action<ILogger> write)
    {
        try
        {
            write(logger);
        }
        catch (Exception)
        {
            // A failure of the logger cannot be reported anywhere.
        }
    }
}
