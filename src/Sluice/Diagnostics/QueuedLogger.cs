using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

/// <summary>
/// Has the thread pool write what is logged where no code of the user's may run: on the monitor's thread, on a loop between two stays in user
/// code, under a lock. In order, and what the logger throws stays with it.
/// </summary>
internal sealed class QueuedLogger(ILogger logger) : ILogger, IThreadPoolWorkItem
{
    // A log that blocks for good must not take the memory with it.
    private const int MaxWaiting = 10_000;

    private readonly ConcurrentQueue<Action<ILogger>> _entries = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _written;
    private int _waiting;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <summary>The logger itself is asked when the entry is written.</summary>
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
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Completes when all that was logged before is written.</summary>
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
            // More may have come since, which another run writes.
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
            // There is nobody left to tell.
        }
    }
}
