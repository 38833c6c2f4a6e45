using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tests.EndPoints;

[TestFixture]
public sealed class IdleWatchTests
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _clock = new();
    private long _bytes;

    [Test]
    public void Bytes_in_either_direction_put_the_end_off()
    {
        using IdleWatch watch = Create();
        for (int i = 0; i < 20; i++)
        {
            _clock.Advance(s_idle - s_second);
            _bytes++;
        }

        Assert.That(watch.HasEnded, Is.False);
        _clock.Advance(s_idle - s_second);
        Assert.That(watch.HasEnded, Is.False, "never early");
        _clock.Advance(3 * s_second);
        Assert.That((watch.HasEnded, watch.Token.IsCancellationRequested), Is.EqualTo((true, true)));
    }

    [Test]
    public void Bytes_that_are_held_back_are_no_idle_time()
    {
        using IdleWatch watch = Create();
        watch.HoldUntil(_clock.GetTimestamp() + (2 * s_idle.Ticks));
        _clock.Advance((3 * s_idle) - s_second);
        Assert.That(watch.HasEnded, Is.False);
        _clock.Advance(2 * s_second);
        Assert.That(watch.HasEnded, Is.True);
    }

    [Test]
    public void Another_end_is_none_of_its_own()
    {
        using var ending = new CancellationTokenSource();
        using var watch = new IdleWatch(s_idle, _clock, () => _bytes, ending.Token);
        ending.Cancel();
        Assert.That((watch.HasEnded, watch.Token.IsCancellationRequested), Is.EqualTo((false, true)));
    }

    private IdleWatch Create() => new(s_idle, _clock, () => _bytes, CancellationToken.None);
}
