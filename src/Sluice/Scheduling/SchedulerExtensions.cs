using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

/// <summary>Moves an asynchronous method to a scheduler.</summary>
internal static class SchedulerExtensions
{
    /// <summary>What follows the <see langword="await"/> of this runs on <paramref name="scheduler"/>.</summary>
    public static SwitchAwaitable SwitchTo(this IScheduler scheduler) => new(scheduler);

    internal readonly struct SwitchAwaitable(IScheduler scheduler) : ICriticalNotifyCompletion
    {
        // Always by way of the scheduler, even from one of its own turns: the caller is not to wait for what follows.
        public bool IsCompleted => false;

        public SwitchAwaitable GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => scheduler.Schedule(new Continuation(scheduler, continuation));
    }

    private sealed class Continuation(IScheduler scheduler, Action action) : IRunnable
    {
        public void Run() => action();

        void IThreadPoolWorkItem.Execute() => scheduler.RunOnPoolThread(this);
    }
}
