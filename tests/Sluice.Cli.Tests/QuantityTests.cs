using Sluice.Cli.Output;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class QuantityTests
{
    [TestCase("200ms", 0.2)]
    [TestCase("1.5s", 1.5)]
    [TestCase("2", 2)]
    [TestCase("3min", 180)]
    [TestCase("500us", 0.0005)]
    public void A_time_is_parsed(string text, double seconds) => Assert.That(Quantity.Time(text), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("10", 10)]
    [TestCase("10k", 10_000)]
    [TestCase("1.5M", 1_500_000)]
    [TestCase("2KiB", 2048)]
    [TestCase("3B", 3)]
    public void A_number_of_bytes_is_parsed(string text, long bytes) => Assert.That(Quantity.Bytes(text), Is.EqualTo(bytes));

    [TestCase("")]
    [TestCase("x")]
    [TestCase("-1")]
    [TestCase("1e9")]
    [TestCase("5 ms")]
    [TestCase("99999999")]
    public void What_is_no_time_is_none(string text) => Assert.That(Quantity.Time(text), Is.Null);

    [TestCase("")]
    [TestCase("k")]
    [TestCase("0")]
    [TestCase("-5")]
    [TestCase("5s")]
    public void What_is_no_number_of_bytes_is_none(string text) => Assert.That(Quantity.Bytes(text), Is.Null);
}
