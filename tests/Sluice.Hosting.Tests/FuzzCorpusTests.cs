using Sluice.Fuzz;

namespace Sluice.Hosting.Tests;

/// <summary>What fuzzing has found, again: see tests/Sluice.Fuzz.</summary>
[TestFixture]
public sealed class FuzzCorpusTests
{
    [Test]
    public void Every_request_of_the_corpus_is_read_the_same_whole_and_cut()
    {
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus", "health"));
        Assert.That(files, Is.Not.Empty);
        Assert.Multiple(() => Array.ForEach(files, file => Assert.DoesNotThrow(() => HealthTargets.Request(File.ReadAllBytes(file)), file)));
    }
}
