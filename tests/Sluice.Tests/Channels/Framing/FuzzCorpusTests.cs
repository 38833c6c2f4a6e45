using Sluice.Fuzz;

namespace Sluice.Tests.Channels.Framing;

/// <summary>What fuzzing has found, again: see tests/Sluice.Fuzz.</summary>
[TestFixture]
[Parallelizable]
public sealed class FuzzCorpusTests
{
    private static IEnumerable<string> Targets => FuzzTargets.All.Keys;

    [TestCaseSource(nameof(Targets))]
    public void Every_input_of_the_corpus_is_decoded_the_same_whole_and_cut(string target)
    {
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus", target));
        Assert.That(files, Is.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (string file in files)
            {
                Assert.DoesNotThrow(() => FuzzTargets.All[target](File.ReadAllBytes(file)), file);
            }
        });
    }
}
