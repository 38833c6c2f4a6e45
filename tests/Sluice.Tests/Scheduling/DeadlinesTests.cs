using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Scheduling;

namespace Sluice.Tests.Scheduling;

/// <summary>Many deadlines on one timer.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DeadlinesTests
{
    private readonly ObservedTime _time = new();
    private readonly ConcurrentQueue<string> _expired = new();

    [Test]
    public void Each_expires_when_its_time_has_come_and_what_was_removed_does_not()
    {
        using var deadlines = new Deadlines(_time);
        Entry removed = new(this, "removed");
        deadlines.Add(new Entry(this, "5 s"), TimeSpan.FromSeconds(5));
        deadlines.Add(removed, TimeSpan.FromSeconds(2));
        deadlines.Add(new Entry(this, "1 s"), TimeSpan.FromSeconds(1));
        deadlines.Add(new Entry(this, "3 s"), TimeSpan.FromSeconds(3));
        deadlines.Remove(removed);
        deadlines.Remove(removed);

        _time.Advance(TimeSpan.FromSeconds(0.999));
        Assert.That(_expired, Is.Empty);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.That(_expired, Is.EqualTo(new[] { "1 s" }));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_expired, Is.EqualTo(new[] { "1 s", "3 s" }));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_expired, Is.EqualTo(new[] { "1 s", "3 s", "5 s" }));
        Assert.That(_time.Timers, Is.EqualTo(1));
    }

    [TestCase("TimeProvider.GetTimestamp")]
    [TestCase("TimeProvider.CreateTimer")]
    [TestCase("ITimer.Change")]
    public async Task A_clock_that_throws_once_keeps_none_from_expiring(string call)
    {
        // The first deadline passes while the clock works, and the second is set by the timer of the first.
        for (int number = 0; number < 8; number++)
        {
            int left = number;
            using var deadlines = new Deadlines(new ThrowingTime(kind =>
            {
                if (kind == call && Interlocked.Decrement(ref left) == -1)
                {
                    throw new NotSupportedException(kind);
                }
            }));
            int added = 0;
            foreach (int milliseconds in (int[])[10, 40])
            {
                try
                {
                    deadlines.Add(new Entry(this, "x"), TimeSpan.FromMilliseconds(milliseconds));
                    added++;
                }
                catch (NotSupportedException)
                {
                    // The clock has refused to say when it is due.
                }
            }

            await Waiting.UntilAsync(() => _expired.Count == added);
            _expired.Clear();
        }
    }

    [Test]
    public void What_comes_and_goes_allocates_nothing()
    {
        using var deadlines = new Deadlines(TimeProvider.System);
        Entry entry = new(this, "never");
        Pass();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Pass();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Pass()
        {
            deadlines.Add(entry, TimeSpan.FromSeconds(30));
            deadlines.Remove(entry);
        }
    }

    [Test]
    public async Task However_adding_removing_and_expiring_fall_together_each_ends_once()
    {
        using var deadlines = new Deadlines(TimeProvider.System);
        int expected = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 2000; i++)
            {
                var entry = new Entry(this, $"{worker} {i}");
                deadlines.Add(entry, TimeSpan.FromMilliseconds(1 + random.Next(20)));
                if (i % 2 == 0)
                {
                    deadlines.Remove(entry);
                }
                else
                {
                    Interlocked.Increment(ref expected);
                }
            }
        }))).Soon();

        await Waiting.UntilAsync(() => _expired.Distinct().Count(name => int.Parse(name.Split(' ')[1], CultureInfo.InvariantCulture) % 2 == 1) == expected);
        Assert.That(_expired.Distinct().Count(), Is.EqualTo(_expired.Count));
    }

    private sealed class Entry(DeadlinesTests tests, string name) : Deadlines.Entry
    {
        public override void Expire() => tests._expired.Enqueue(name);
    }
}
