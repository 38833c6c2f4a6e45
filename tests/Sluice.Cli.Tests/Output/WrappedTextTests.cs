using Sluice.Cli.Output;

namespace Sluice.Cli.Tests.Output;

[TestFixture]
public sealed class WrappedTextTests
{
    [TestCase(null, "a bb ccc dddd")]
    [TestCase(13, "a bb ccc dddd")]
    [TestCase(12, "a bb ccc", "dddd")]
    [TestCase(8, "a bb ccc", "dddd")]
    [TestCase(7, "a bb", "ccc", "dddd")]
    [TestCase(2, "a", "bb", "ccc", "dddd")]
    [TestCase(-1, "a", "bb", "ccc", "dddd")]
    public void Lines_end_between_words(int? width, params string[] expected) =>
        Assert.That(WrappedText.Lines("a bb ccc dddd", width), Is.EqualTo(expected));

    [TestCase(null, "step  a bb ccc dddd")]
    [TestCase(19, "step  a bb ccc dddd")]
    [TestCase(18, "step  a bb ccc", "      dddd")]
    [TestCase(10, "step  a bb", "      ccc", "      dddd")]
    [TestCase(3, "step  a", "      bb", "      ccc", "      dddd")]
    public void A_text_beside_another_stays_beside_it(int? width, params string[] expected) =>
        Assert.That(WrappedText.Beside("step  ", "a bb ccc dddd", width), Is.EqualTo(expected));

    [Test]
    public void Nothing_is_an_empty_line() => Assert.That(WrappedText.Lines("", 10), Is.EqualTo(new[] { "" }));
}
