using Sluice.Scheduling;

namespace Sluice.Tests.Scheduling;

public sealed class HandoffMonitorTests
{
    [Test]
    public async Task A_source_that_is_watched_while_the_monitor_sleeps_wakes_it()
    {
        using var monitor = new HandoffMonitor(TimeSpan.FromMilliseconds(1));
        var quiet = new Source(inUserCode: false);
        monitor.Watch(quiet);

        // One scan in which it runs, four that find nothing, and one behind the flag that says that the monitor sleeps.
        await Waiting.UntilAsync(() => quiet.Scans >= 6);
        var busy = new Source(inUserCode: true);
        monitor.Watch(busy);
        await busy.TakenOver.Soon();
    }

    private sealed class Source : ITurnSource
    {
        private readonly TaskCompletionSource _takenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly LoopTurn _turn = new(new PoolScheduler(monitor: null));
        private readonly bool _inUserCode;
        private int _scans;

        public Source(bool inUserCode)
        {
            if (inUserCode)
            {
                _turn.Enter();
            }

            _inUserCode = inUserCode;
        }

        public int Scans => Volatile.Read(ref _scans);

        public Task TakenOver => _takenOver.Task;

        public bool IsRunning => _inUserCode || Scans == 0;

        public void CollectTurns(ICollection<LoopTurn> into)
        {
            into.Add(_turn);
            Interlocked.Increment(ref _scans);
        }

        public bool TryTakeOver(LoopTurn turn, long state)
        {
            bool isTaken = turn.TryTakeOver(state);
            if (isTaken)
            {
                _takenOver.SetResult();
            }

            return isTaken;
        }
    }
}
