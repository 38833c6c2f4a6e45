using Sluice.Cli.Bench;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class CycleTests
{
    [TestCase(0)]
    [TestCase(65_520)]
    [TestCase(1_000_000)]
    public void What_was_sliced_is_found_equal_wherever_it_is_cut(long position)
    {
        Cycle cycle = Cycle.OfBytes(longest: 200_000);
        ReadOnlySpan<byte> slice = cycle.Slice(position, 200_000).Span;
        foreach (int cut in (int[])[0, 1, 999, 65_521, 200_000])
        {
            Assert.That(cycle.CountEqual(position, slice[..cut]), Is.EqualTo(cut));
            Assert.That(cycle.CountEqual(position + cut, slice[cut..]), Is.EqualTo(slice.Length - cut));
        }
    }

    [TestCase(0)]
    [TestCase(65_521)]
    [TestCase(150_000)]
    public void The_first_byte_that_differs_is_told(int at)
    {
        Cycle cycle = Cycle.OfBytes(longest: 200_000);
        byte[] slice = cycle.Slice(7, 200_000).ToArray();
        slice[at]++;
        Assert.That(cycle.CountEqual(7, slice), Is.EqualTo(at));
    }

    [Test]
    public void A_message_that_is_missing_shows()
    {
        Cycle cycle = Cycle.OfBytes(longest: 1024);
        Assert.That(cycle.CountEqual(0, cycle.Slice(64, 64).Span), Is.LessThan(64));
    }

    [Test]
    public void Lines_differ_from_their_neighbours_and_end_as_asked()
    {
        Cycle cycle = Cycle.OfLines(length: 3, "\r\n"u8, longest: 15);
        ReadOnlySpan<byte> lines = cycle.Slice(0, 10).Span;
        Assert.That(lines[3..5].ToArray(), Is.EqualTo("\r\n"u8.ToArray()));
        Assert.That(lines[8..].ToArray(), Is.EqualTo("\r\n"u8.ToArray()));
        Assert.That(lines[5..8].ToArray(), Is.Not.EqualTo(lines[..3].ToArray()));
    }
}
