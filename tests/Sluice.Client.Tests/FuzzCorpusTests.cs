using Sluice.Fuzz;

namespace Sluice.Client.Tests;

/// <summary>What fuzzing has found in the samples' parsers, again: see tests/Sluice.Fuzz.</summary>
[TestFixture]
public sealed class FuzzCorpusTests
{
    [Test]
    public void Every_input_of_the_corpus_is_decoded_the_same_whole_and_cut([Values("commands", "replies")] string target)
    {
        Action<byte[]> decode = target == "commands" ? RespTargets.Commands : RespTargets.Replies;
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus", target));
        Assert.That(files, Is.Not.Empty);
        Assert.Multiple(() => Array.ForEach(files, file => Assert.DoesNotThrow(() => decode(File.ReadAllBytes(file)), file)));
    }
}
