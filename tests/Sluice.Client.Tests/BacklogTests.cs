using Microsoft.Extensions.Time.Testing;

namespace Sluice.Client.Tests;

/// <summary>What waits in the backlog ends when its turn comes, whether or not the peer ever answers anything.</summary>
public sealed class BacklogTests(SelectorEngine engine) : RequestFixture(engine)
{
    [Test]
    public async Task A_message_that_is_sent_once_the_request_before_it_has_timed_out_ends_at_once()
    {
        var clock = new HookedClock();
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options =>
        {
            options.MaxInFlight = 1;
            options.RequestTimeout = TimeSpan.FromSeconds(1000);
            options.TimeProvider = clock;
        });
        await using (channel)
        {
            Task<string> unanswered = channel.SendAsync("unanswered", Timeout.InfiniteTimeSpan).AsTask();
#pragma warning disable CA2012 // Awaited below, once; before, only its continuation is set.
            ValueTask<string> late = channel.SendAsync("late", TimeSpan.FromSeconds(5));
#pragma warning restore CA2012
            Task post = channel.PostAsync("post").AsTask();
            using var timerIsSet = new SemaphoreSlim(0);
            using var lockIsTaken = new SemaphoreSlim(0);
            using var callerHasRun = new ManualResetEventSlim();
            late.GetAwaiter().UnsafeOnCompleted(callerHasRun.Set);
            clock.OnChange = () =>
            {
                timerIsSet.Release();
                lockIsTaken.Wait(Patience);
            };
            Task expiring = Task.Run(() => clock.Advance(TimeSpan.FromSeconds(6)));

            // The caller of the late request runs before the thread that ended it can send the message: that one finds no other caller to run.
            Assert.That(await timerIsSet.WaitAsync(Patience));
            HoldUntil(channel.Sync, lockIsTaken, callerHasRun);
            await expiring.Soon();
            await post.Soon();
            Assert.That((await late.OutcomeAsync())?.Message, Is.EqualTo("The request was not sent within 5 s."));
            Assert.That(await ReadAsync(peer), Is.EqualTo("unanswered"));
            Assert.That(await ReadAsync(peer), Is.EqualTo("post"));
            Assert.That(unanswered.IsCompleted, Is.False);
            await channel.DisposeAsync().Soon();
            await FailureAsync(unanswered);
        }
    }

    [Test]
    public async Task A_message_that_is_sent_after_a_reply_ends_at_once()
    {
        (RequestChannel<string, string> channel, Connection peer) = await OpenAsync(options => options.MaxInFlight = 1);
        await using (channel)
        {
            Task<string> first = channel.SendAsync("first").AsTask();
            Task<string> second = channel.SendAsync("second").AsTask();
            Task post = channel.PostAsync("post").AsTask();
            Assert.That(await ReadAsync(peer), Is.EqualTo("first"));
            await WriteAsync(peer, "1\n");
            Assert.That(await first.Soon(), Is.EqualTo("1"));
            Assert.That(await ReadAsync(peer), Is.EqualTo("second"));
            Assert.That(await ReadAsync(peer), Is.EqualTo("post"));
            await post.Soon();
            Assert.That(second.IsCompleted, Is.False);
            await channel.DisposeAsync().Soon();
            await FailureAsync(second);
        }
    }

    [Test]
    public async Task A_message_that_was_not_sent_in_time_is_not_said_to_lack_a_reply()
    {
        var clock = new FakeTimeProvider();
        (RequestChannel<string, string> channel, Connection _) = await OpenAsync(options =>
        {
            options.MaxInFlight = 1;
            options.RequestTimeout = TimeSpan.FromSeconds(5);
            options.TimeProvider = clock;
        });
        await using (channel)
        {
            Task<string> unanswered = channel.SendAsync("unanswered").AsTask();
            Task<string> queued = channel.SendAsync("queued").AsTask();
            Task post = channel.PostAsync("post").AsTask();
            clock.Advance(TimeSpan.FromSeconds(6));
            Assert.That((await unanswered.OutcomeAsync())?.Message, Is.EqualTo("The request got no reply within 5 s."));
            Assert.That((await queued.OutcomeAsync())?.Message, Is.EqualTo("The request was not sent within 5 s."));
            Assert.That((await post.OutcomeAsync())?.Message, Is.EqualTo("The message was not sent within 5 s."));
        }
    }

    private static void HoldUntil(Lock sync, SemaphoreSlim isTaken, ManualResetEventSlim isEnough)
    {
        lock (sync)
        {
            isTaken.Release();
            isEnough.Wait(Patience);

            // The pool's thread leaves the callers that it runs. If it has not by then, the test proves nothing, but it does not fail.
            Thread.Sleep(20);
        }
    }

    /// <summary>A clock that tells when one of its timers is set.</summary>
    private sealed class HookedClock : FakeTimeProvider
    {
        public Action? OnChange { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new HookedTimer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class HookedTimer(HookedClock clock, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Action? hook = clock.OnChange;
                clock.OnChange = null;
                hook?.Invoke();
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
