using System.Diagnostics;
using Sluice.Cli.Bench;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class LoadTotalsTests
{
    [Test]
    public void A_lost_datagram_counts_if_it_was_sent_during_the_measurement_whenever_its_loss_shows()
    {
        var totals = new LoadTotals();
        totals.AddLost(Stopwatch.GetTimestamp());
        long before = Stopwatch.GetTimestamp() - 1;
        totals.Start();
        totals.AddLost(before);
        Assert.That(totals.Lost, Is.Zero);
        long during = Stopwatch.GetTimestamp();
        totals.AddLost(during);
        Assert.That(totals.Lost, Is.EqualTo(1));
        Thread.Sleep(TimeSpan.FromMilliseconds(1));
        totals.Stop();
        totals.AddLost(during);
        totals.AddLost(Stopwatch.GetTimestamp());
        Assert.That(totals.Lost, Is.EqualTo(2));
    }
}
