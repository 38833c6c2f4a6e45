using Microsoft.Extensions.Time.Testing;
using Sluice.Scheduling;

namespace Sluice.Tests.Scheduling;

public sealed class ReadinessEventTests
{
    [ThreadStatic]
    private static bool s_inside;

    private readonly PoolScheduler _scheduler = new(monitor: null);
    private CancellationTokenSource? _current;

    [OneTimeTearDown]
    public void DisposeScheduler() => _scheduler.Dispose();

    [Test]
    public void A_signal_is_remembered_once()
    {
        var readiness = new ReadinessEvent(_scheduler);
        Assert.That(readiness.TryConsume(), Is.False);
        readiness.Set();
        readiness.Set();
        Assert.That(readiness.TryConsume(), Is.True);
        Assert.That(readiness.TryConsume(), Is.False);
        Assert.That(new ReadinessEvent(_scheduler, initiallyReady: true).TryConsume(), Is.True);
    }

    [Test]
    public async Task A_wait_ends_with_a_signal_and_does_not_consume_it([Values] bool before)
    {
        var readiness = new ReadinessEvent(_scheduler);
        if (before)
        {
            readiness.Set();
        }

        Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
        Assert.That(waiting.IsCompleted, Is.EqualTo(before));
        readiness.Set();
        Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.Ready));
        Assert.That(readiness.TryConsume(), Is.True);
        Assert.That(readiness.TryConsume(), Is.False);
    }

    [Test]
    public void A_wait_whose_signal_is_there_gives_way_after_a_number_of_results_also_in_a_turn_that_was_taken_over([Values] bool takenOver)
    {
        var scheduler = new HeldScheduler();
        var readiness = new ReadinessEvent(scheduler, initiallyReady: true);
        var turn = new LoopTurn(scheduler);
        turn.Begin();
        try
        {
            long entered = turn.Enter();
            Assert.That(!takenOver || turn.TryTakeOver(turn.State), Is.True);
            Assert.That(readiness.Wait(CancellationToken.None).IsCompleted, Is.True);
            for (int i = 0; i < LoopTurn.Budget; i++)
            {
                LoopTurn.ConsumeBudget();
            }

            Assert.That(LoopTurn.IsBudgetSpent, Is.True);
            PooledTask<WaitOutcome> wait = readiness.Wait(CancellationToken.None);
            Assert.That(wait.IsCompleted, Is.False);
            scheduler.Held!.Run();
            Assert.That(wait.GetResult(), Is.EqualTo(WaitOutcome.Ready));

            // Nobody else renews the budget of a thread that has lost its turn.
            Assert.That(LoopTurn.IsBudgetSpent, Is.EqualTo(!takenOver));
            Assert.That(readiness.IsReady, Is.True);
            Assert.That(turn.TryExit(entered), Is.EqualTo(!takenOver));
        }
        finally
        {
            turn.End();
        }
    }

    [Test]
    public async Task A_cancelled_wait_throws_with_its_token_and_the_gate_stays_usable([Values] bool before)
    {
        var readiness = new ReadinessEvent(_scheduler);
        for (int i = 0; i < 3; i++)
        {
            using var cancellation = new CancellationTokenSource();
            if (before)
            {
                await cancellation.CancelAsync();
            }

            Task<WaitOutcome> waiting = readiness.WaitAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            Assert.That(Assert.CatchAsync<OperationCanceledException>(() => waiting.Soon())!.CancellationToken, Is.EqualTo(cancellation.Token));
        }

        Assert.That(readiness.TryConsume(), Is.False);
        Task<WaitOutcome> next = readiness.WaitAsync(CancellationToken.None).AsTask();
        readiness.Set();
        Assert.That(await next.Soon(), Is.EqualTo(WaitOutcome.Ready));
    }

    [Test]
    public async Task An_interruption_ends_the_wait_and_is_not_remembered()
    {
        var readiness = new ReadinessEvent(_scheduler);
        readiness.Interrupt();
        Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
        Assert.That(waiting.IsCompleted, Is.False);
        readiness.Interrupt();
        Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.Interrupted));
        Assert.That(readiness.TryConsume(), Is.False);
    }

    [Test]
    public async Task A_closed_gate_ends_every_wait([Values] bool signalled)
    {
        var readiness = new ReadinessEvent(_scheduler);
        Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
        Assert.That(readiness.IsClosed, Is.False);
        readiness.Close();
        readiness.Close();
        Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.Closed));
        if (signalled)
        {
            readiness.Set();
        }

        Assert.That(readiness.IsClosed, Is.True);
        Assert.That(readiness.TryConsume(), Is.False);
        Assert.That(await readiness.WaitAsync(CancellationToken.None).Soon(), Is.EqualTo(WaitOutcome.Closed));
    }

    [TestCase("Signal")]
    [TestCase("Interrupt")]
    [TestCase("Close")]
    [TestCase("Cancel")]
    public async Task The_waiter_does_not_run_inside_the_call_that_ended_the_wait(string how)
    {
        var readiness = new ReadinessEvent(_scheduler);
        using var cancellation = new CancellationTokenSource();
        Task<bool> inside = RunAsync();
        Action end = how switch
        {
            "Signal" => readiness.Set,
            "Interrupt" => readiness.Interrupt,
            "Close" => readiness.Close,
            _ => cancellation.Cancel,
        };
        s_inside = true;
        end();
        s_inside = false;
        Assert.That(await inside.Soon(), Is.False);

        async Task<bool> RunAsync()
        {
            try
            {
                await readiness.WaitAsync(cancellation.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
            }

            return s_inside;
        }
    }

    [Test]
    public async Task A_wait_times_out_late_by_a_quarter_at_most_and_never_early()
    {
        var clock = new FakeTimeProvider();
        using var sweep = new InactivitySweep(clock);
        var readiness = new ReadinessEvent(_scheduler);
        readiness.SetTimeout(TimeSpan.FromSeconds(8), sweep);
        for (int i = 0; i < 3; i++)
        {
            Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
            Advance(clock, TimeSpan.FromSeconds(7.9));
            Assert.That(readiness.TryConsume() || waiting.IsCompleted, Is.False);
            Advance(clock, TimeSpan.FromSeconds(2.1));
            Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.TimedOut));
        }
    }

    [Test]
    public async Task A_wait_times_out_although_the_clock_threw_before()
    {
        var clock = new BrokenClock();
        using var sweep = new InactivitySweep(clock);
        var readiness = new ReadinessEvent(_scheduler);
        readiness.SetTimeout(TimeSpan.FromSeconds(8), sweep);
        Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();

        clock.Throws = true;
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Throws = false;

        // Not to the clock, where it may end the process.
        Assert.That((clock.Threw, clock.Got), Is.EqualTo((true, 0)));
        Advance(clock, TimeSpan.FromSeconds(11));

        Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.TimedOut));
    }

    [Test]
    public async Task Progress_and_each_new_wait_begin_the_time_anew()
    {
        var clock = new FakeTimeProvider();
        using var sweep = new InactivitySweep(clock);
        var readiness = new ReadinessEvent(_scheduler);
        readiness.SetTimeout(TimeSpan.FromSeconds(8), sweep);

        Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
        for (int i = 0; i < 5; i++)
        {
            Advance(clock, TimeSpan.FromSeconds(7));
            readiness.ReportProgress();
        }

        readiness.Set();
        Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.Ready));
        for (int i = 0; i < 5; i++)
        {
            readiness.TryConsume();
            waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
            Advance(clock, TimeSpan.FromSeconds(7));
            readiness.Set();
            Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.Ready));
        }
    }

    [Test]
    public async Task Time_passes_without_a_timeout_once_there_is_none([Values] bool closed)
    {
        var clock = new FakeTimeProvider();
        using var sweep = new InactivitySweep(clock);
        var readiness = new ReadinessEvent(_scheduler);
        readiness.SetTimeout(TimeSpan.FromSeconds(8), sweep);
        if (closed)
        {
            readiness.Close();
            Advance(clock, TimeSpan.FromSeconds(20));
            Assert.That(await readiness.WaitAsync(CancellationToken.None).Soon(), Is.EqualTo(WaitOutcome.Closed));
            return;
        }

        Task<WaitOutcome> waiting = readiness.WaitAsync(CancellationToken.None).AsTask();
        Advance(clock, TimeSpan.FromSeconds(5));
        readiness.SetTimeout(Timeout.InfiniteTimeSpan, sweep);
        Advance(clock, TimeSpan.FromSeconds(20));
        readiness.Set();
        Assert.That(await waiting.Soon(), Is.EqualTo(WaitOutcome.Ready));
    }

    /// <summary>A wait ends once, whichever of its causes comes first. Signals that came during it are there afterwards, and no others.</summary>
    [TestCase(31)]
    [TestCase(32)]
    public async Task Every_race_ends_a_wait_once_and_keeps_the_signals(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var clock = new FakeTimeProvider();
        using var sweep = new InactivitySweep(clock);
        var readiness = new ReadinessEvent(_scheduler);
        readiness.SetTimeout(TimeSpan.FromTicks(1), sweep);
        var outcomes = new Dictionary<string, int>();

        using var start = new Barrier(2);
        Action<CancellationTokenSource>? other = null;
        bool over = false;
        var thread = new Thread(() =>
        {
            while (true)
            {
                start.SignalAndWait();
                if (Volatile.Read(ref over))
                {
                    return;
                }

                other!(_current!);
                start.SignalAndWait();
            }
        });
        thread.Start();

        for (int round = 0; round < 15_000; round++)
        {
            bool closes = random.Next(20) == 0;
            if (readiness.IsClosed)
            {
                readiness = new ReadinessEvent(_scheduler);
                readiness.SetTimeout(TimeSpan.FromTicks(1), sweep);
            }

            // One or two things happen, and one that is sure to end the wait is among them.
            ReadinessEvent target = readiness;
            int first = closes ? 4 : random.Next(4);
            int second = random.Next(-4, 4);
            int spins = random.Next(100);
            int spinsBefore = random.Next(100);
            _current = new CancellationTokenSource();
            long now = round * 10;
            other = cancellation =>
            {
                Thread.SpinWait(spins);
                Do(target, first, cancellation, now);
                Do(target, second, cancellation, now + 5);
            };
            start.SignalAndWait();
            Thread.SpinWait(spinsBefore);

            string outcome;
            Task<WaitOutcome> waiting = target.WaitAsync(_current.Token).AsTask();
            start.SignalAndWait();

            // What came too early to end it is made up for; a signal, a close and a cancellation never are.
            if (first is 1 or 3)
            {
                target.Interrupt();
            }

            try
            {
                outcome = (await waiting.Soon()).ToString();
            }
            catch (OperationCanceledException exception)
            {
                Assert.That(exception.CancellationToken, Is.EqualTo(_current.Token));
                outcome = "Canceled";
            }

            string[] possible = ["Ready", "Interrupted", "Canceled", "TimedOut", "Closed"];
            Assert.That(
                outcome == possible[first] || (second >= 0 && outcome == possible[second]) || (first == 3 && outcome == "Interrupted"),
                Is.True,
                $"round {round}: {outcome} after {possible[first]} and {second}");
            bool signalled = first == 0 || second == 0;
            Assert.That(target.TryConsume(), Is.EqualTo(signalled && !closes), $"round {round}: {outcome}");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        Volatile.Write(ref over, true);
        start.SignalAndWait();
        thread.Join();
        TestContext.Out.WriteLine(string.Join(", ", outcomes));
        Assert.That(outcomes.Keys, Is.SupersetOf((string[])["Ready", "Interrupted", "Canceled", "Closed"]));
    }

    [Test]
    public async Task No_signal_is_lost_between_looking_and_waiting()
    {
        var readiness = new ReadinessEvent(_scheduler);
        const int count = 20_000;
        int produced = 0;
        int seen = 0;
        Task producing = Task.Run(() =>
        {
            var random = new Random(41);
            for (int i = 1; i <= count; i++)
            {
                Thread.SpinWait(random.Next(100));
                Volatile.Write(ref produced, i);
                readiness.Set();

                // Each signal has to be noticed: none that follows could make up for it.
                var spin = new SpinWait();
                while (Volatile.Read(ref seen) != i)
                {
                    spin.SpinOnce(sleep1Threshold: -1);
                }
            }
        });

        int waits = 0;
        await Task.Run(async () =>
        {
            while (seen < count)
            {
                if (readiness.TryConsume())
                {
                    Volatile.Write(ref seen, Volatile.Read(ref produced));
                }
                else
                {
                    waits++;
                    Assert.That(await readiness.WaitAsync(CancellationToken.None), Is.EqualTo(WaitOutcome.Ready));
                }
            }
        }).Soon();
        await producing.Soon();
        TestContext.Out.WriteLine($"{waits} waits");
        Assert.That(waits, Is.Positive);
    }

    private static void Do(ReadinessEvent readiness, int what, CancellationTokenSource cancellation, long now)
    {
        switch (what)
        {
            case 0:
                readiness.Set();
                break;
            case 1:
                readiness.Interrupt();
                break;
            case 2:
                cancellation.Cancel();
                break;
            case 3:
                // Seen first, and found too old then.
                readiness.CheckTimeout(now);
                readiness.CheckTimeout(now + 1_000_000_000);
                break;
            case 4:
                readiness.Close();
                break;
            default:
                break;
        }
    }

    private static void Advance(FakeTimeProvider clock, TimeSpan time)
    {
        // In steps as a timer makes them, so that the sweep looks as often as it would.
        for (TimeSpan step = TimeSpan.FromMilliseconds(100); time > TimeSpan.Zero; time -= step)
        {
            clock.Advance(time < step ? time : step);
        }
    }

    private sealed class BrokenClock : FakeTimeProvider
    {
        public bool Throws { get; set; }

        public bool Threw { get; private set; }

        // How many exceptions its timers have got.
        public int Got { get; private set; }

        public override long GetTimestamp()
        {
            Threw |= Throws;
            return Throws ? throw new NotSupportedException("a clock") : base.GetTimestamp();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(_ => Run(callback, state), null, dueTime, period);

        private void Run(TimerCallback callback, object? state)
        {
            try
            {
                callback(state);
            }
            catch (NotSupportedException)
            {
                Got++;
            }
        }
    }

    private sealed class HeldScheduler : IScheduler
    {
        public IRunnable? Held { get; private set; }

        public void Schedule(IRunnable item) => Held = item;

        public void RunOnPoolThread(IRunnable item) => item.Run();
    }
}
