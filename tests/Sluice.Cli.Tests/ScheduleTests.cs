using Sluice.Cli.Bench;
using Sluice.Cli.Tests.EndPoints;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class ScheduleTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly ManualTime _clock = new();
    private readonly List<long> _waits = [];

    [SetUp]
    public void Forget() => _waits.Clear();

    [Test]
    public async Task Each_wait_ends_when_the_next_message_is_due_and_neither_a_tick_of_a_timer_later_nor_just_before()
    {
        // No time of the clock is exactly one of these, but the first.
        Schedule schedule = Create(rate: 300);
        long began = _clock.GetTimestamp();
        for (int i = 0; i < 10; i++)
        {
            Assert.That(await schedule.WaitAsync(CancellationToken.None), Is.EqualTo(1));
            Assert.That(schedule.NextDue(), Is.EqualTo(began + (i * Second / 300)));
        }

        Assert.That(_waits, Is.EqualTo(Enumerable.Range(1, 9).Select(i => began + ((i * Second) + 299) / 300)));
    }

    [Test]
    public async Task The_connections_alternate()
    {
        long began = _clock.GetTimestamp();
        Schedule second = Create(rate: 100, connections: 2, number: 1);
        for (int i = 0; i < 3; i++)
        {
            await second.WaitAsync(CancellationToken.None);
            Assert.That(second.NextDue(), Is.EqualTo(began + (((2 * i) + 1) * Second / 100)));
        }
    }

    [Test]
    public async Task Messages_that_are_due_at_once_are_sent_together()
    {
        Schedule schedule = Create(rate: 80_000);
        Assert.That(await schedule.WaitAsync(CancellationToken.None), Is.EqualTo(1));
        schedule.NextDue();
        Assert.That(await schedule.WaitAsync(CancellationToken.None), Is.EqualTo(20), "those of a quarter of a millisecond");
    }

    [Test]
    public async Task A_tool_that_is_late_makes_up_for_it_and_each_message_keeps_its_time()
    {
        Schedule schedule = Create(rate: 100);
        long began = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await schedule.WaitAsync(CancellationToken.None), Is.EqualTo(101));
        Assert.That(schedule.NextDue(), Is.EqualTo(began));
        Assert.That(_waits, Is.Empty);
    }

    [Test]
    public async Task Waits_end_in_the_order_of_their_times_and_never_early()
    {
        using var pacer = new Pacer(TimeProvider.System);
        long began = TimeProvider.System.GetTimestamp();
        long[] times = [.. new[] { 30, 5, 0, 5, -1, 2 }.Select(milliseconds => began + (milliseconds * TimeProvider.System.TimestampFrequency / 1000))];
        await Task.WhenAll(times.Select(async time =>
        {
            await pacer.WaitUntilAsync(time, CancellationToken.None);
            Assert.That(TimeProvider.System.GetTimestamp(), Is.GreaterThanOrEqualTo(time));
        })).Soon();
    }

    [Test]
    public async Task A_wait_can_be_cancelled_and_the_others_end()
    {
        using var pacer = new Pacer(TimeProvider.System);
        using var ending = new CancellationTokenSource();
        long now = TimeProvider.System.GetTimestamp();
        Task never = pacer.WaitUntilAsync(now + (3600 * TimeProvider.System.TimestampFrequency), ending.Token);
        await pacer.WaitUntilAsync(now + (TimeProvider.System.TimestampFrequency / 1000), CancellationToken.None).Soon();
        await ending.CancelAsync();
        Assert.ThrowsAsync<TaskCanceledException>(() => never.Soon());
    }

    private Schedule Create(double rate, int connections = 1, int number = 0) => new(rate, connections, number, _clock.GetTimestamp(), _clock, WaitUntilAsync);

    private Task WaitUntilAsync(long time, CancellationToken cancellationToken)
    {
        _waits.Add(time);
        _clock.Advance(TimeSpan.FromTicks(time - _clock.GetTimestamp()));
        return Task.CompletedTask;
    }
}
