using System.Diagnostics;
using Sluice.Engine.Epoll;

namespace Sluice.Tests.Engine.Epoll;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AdaptiveSpinTests
{
    private int _looks;

    [Test]
    public void It_does_not_spin_without_a_short_sleep_before()
    {
        var spin = new AdaptiveSpin(TimeSpan.FromMilliseconds(1));
        spin.Slept(Stopwatch.Frequency);
        spin.Slept(Stopwatch.Frequency);

        Assert.That((spin.Spin(Find), _looks), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Short_sleeps_make_it_spin_and_what_it_finds_goes_on()
    {
        AdaptiveSpin spin = Ready();

        for (int i = 1; i <= 5; i++)
        {
            Assert.That((spin.Spin(Find), _looks), Is.EqualTo((7, i)));
        }
    }

    [Test]
    public void A_spin_ends_in_vain_after_its_time()
    {
        AdaptiveSpin spin = Ready();
        long started = Stopwatch.GetTimestamp();

        Assert.That(spin.Spin(FindNothing), Is.Zero);

        Assert.That(Stopwatch.GetElapsedTime(started), Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(1)));
    }

    [Test]
    public void Each_spin_in_vain_doubles_the_short_sleeps_until_the_next()
    {
        AdaptiveSpin spin = Ready();
        spin.Spin(FindNothing);

        foreach (int expected in (int[])[3, 5, 9, 17])
        {
            int sleeps = 0;
            _looks = 0;
            while (spin.Spin(FindNothing) == 0 && _looks == 0)
            {
                spin.Slept(0);
                sleeps++;
            }

            Assert.That(sleeps, Is.EqualTo(expected));
        }
    }

    [Test]
    public void No_duration_is_no_spin()
    {
        var spin = new AdaptiveSpin(TimeSpan.Zero);
        spin.Slept(0);
        spin.Slept(0);

        Assert.That((spin.Spin(Find), _looks), Is.EqualTo((0, 0)));
    }

    [Test]
    public void After_a_poll_in_vain_and_after_each_sleep_a_sleep_is_expected()
    {
        var spin = new AdaptiveSpin(TimeSpan.Zero);
        Assert.That(spin.ExpectsSleep, Is.False, "at first");

        spin.Spin(Find);
        Assert.That(spin.ExpectsSleep, Is.True, "after a poll in vain");

        spin.Slept(Stopwatch.Frequency);
        Assert.That(spin.ExpectsSleep, Is.True, "after a sleep");

        spin.Slept(0);
        Assert.That(spin.ExpectsSleep, Is.False, "after a wait that ended at once");
    }

    [Test]
    public void No_sleep_is_expected_where_a_spin_comes_first()
    {
        AdaptiveSpin spin = Ready();
        spin.Slept(Stopwatch.Frequency / 1000);

        Assert.That(spin.ExpectsSleep, Is.False);
    }

    private static AdaptiveSpin Ready()
    {
        var spin = new AdaptiveSpin(TimeSpan.FromMilliseconds(1));
        spin.Slept(0);
        spin.Slept(0);
        return spin;
    }

    private int Find()
    {
        _looks++;
        return 7;
    }

    private int FindNothing()
    {
        _looks++;
        return 0;
    }
}
