using System.Diagnostics;

namespace Sluice.Cli.Connect;

/// <summary>Remembers when the server last sent something.</summary>
internal sealed class ReceiveClock
{
    // Written by the task that prints, read by the one that waits.
    private long _last = Stopwatch.GetTimestamp();

    public void Report() => Volatile.Write(ref _last, Stopwatch.GetTimestamp());

    /// <summary>Waits until nothing has arrived for <paramref name="wait"/>, or the task has ended.</summary>
    public async Task UntilQuietAsync(Task printing, TimeSpan wait)
    {
        Report();
        TimeSpan left = wait;
        while (!printing.IsCompleted && left > TimeSpan.Zero)
        {
            await Task.WhenAny(printing, Task.Delay(left));
            left = wait - Stopwatch.GetElapsedTime(Volatile.Read(ref _last));
        }
    }
}
