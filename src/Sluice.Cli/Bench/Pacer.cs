using System.Runtime.InteropServices;

namespace Sluice.Cli.Bench;

/// <summary>
/// Ends waits at their times, to within some 10 µs while a processor is free. The timers of the framework step with a coarse clock, which moves each 4 ms on most
/// systems (dotnet/runtime, TimerQueue: <see cref="Environment.TickCount64"/>). Here a thread sleeps until the earliest time, and never spins.
/// </summary>
internal sealed partial class Pacer : IDisposable
{
    // prctl(2)
    private const int SetTimerSlack = 29;

    // The lock's own wait counts in milliseconds; what is left after it is slept exactly, and cannot be interrupted.
    private static readonly TimeSpan s_exact = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_early = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _clock;

    // A monitor, for its wait. Guards all below.
    private readonly object _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waits = new();
    private bool _isDisposed;

    public Pacer(TimeProvider clock)
    {
        _clock = clock;
        new Thread(Run) { IsBackground = true, Name = "Sluice pacer" }.Start();
    }

    /// <summary>Waits until a timestamp of the clock. The caller continues on the thread pool.</summary>
    public Task WaitUntilAsync(long time, CancellationToken cancellationToken)
    {
        var wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waits.Enqueue(wait, time);
            Monitor.Pulse(_lock);
        }

        return wait.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the thread. Waits that are left do not end by themselves.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        if (OperatingSystem.IsLinux())
        {
            // By default the kernel lets a sleep last 50 µs longer.
            _ = Control(SetTimerSlack, 1, 0, 0, 0);
        }

        while (EndDue() is { } left)
        {
            Sleep(left);
        }
    }

    // Ends the waits whose time has come. Returns the time until the next one once it is short; null at the end.
    private TimeSpan? EndDue()
    {
        lock (_lock)
        {
            while (!_isDisposed)
            {
                if (!_waits.TryPeek(out TaskCompletionSource? wait, out long time))
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                long now = _clock.GetTimestamp();
                TimeSpan left = time > now ? _clock.GetElapsedTime(now, time) : TimeSpan.Zero;
                if (time <= now)
                {
                    _waits.Dequeue();
                    wait.SetResult();
                }
                else if (left >= s_exact)
                {
                    Monitor.Wait(_lock, left - s_early);
                }
                else
                {
                    return left;
                }
            }

            return null;
        }
    }

    private static void Sleep(TimeSpan time)
    {
        if (OperatingSystem.IsWindows())
        {
            // As exact as the system is.
            Thread.Sleep(s_early);
            return;
        }

        // A signal ends it early, and the caller looks at the time again. Both fields of a timespec have the size of a pointer (time.h).
        var wanted = new TimeSpecification { Nanoseconds = (nint)Math.Max(time.TotalNanoseconds, 1) };
        _ = Sleep(ref wanted, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(ref TimeSpecification time, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint one, nuint two, nuint three, nuint four);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
