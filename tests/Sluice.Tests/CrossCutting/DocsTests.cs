using System.Text.RegularExpressions;

namespace Sluice.Tests.CrossCutting;

/// <summary>The guides show what docs/snippets compiles; their links lead somewhere. For the README see <see cref="ReadmeTests"/>.</summary>
[TestFixture]
[Parallelizable]
public sealed partial class DocsTests
{
    private static string Root => Repository.Root;

    private static IEnumerable<string> Guides() =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(page => Path.GetRelativePath(Root, page));

    private static IEnumerable<string> Pages() => ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", .. Guides()];

    [Test]
    public void Every_guide_shows_snippets_as_they_compile([ValueSource(nameof(Guides))] string page)
    {
        Dictionary<string, string> compiled = CompiledSnippets();
        foreach (Match shown in ShownSnippet().Matches(File.ReadAllText(Path.Combine(Root, page))))
        {
            string name = shown.Groups["name"].Value;
            Assert.That(compiled, Does.ContainKey(name), "No file in docs/snippets has a region of this name.");
            Assert.That(shown.Groups["code"].Value, Is.EqualTo(compiled[name]), name);
        }
    }

    [Test]
    public void Every_csharp_block_of_a_guide_is_a_snippet([ValueSource(nameof(Guides))] string page)
    {
        string text = File.ReadAllText(Path.Combine(Root, page));
        Assert.That(CSharpBlock().Count(text), Is.EqualTo(ShownSnippet().Count(text)));
    }

    [Test]
    public void Every_link_inside_the_repository_leads_somewhere([ValueSource(nameof(Pages))] string page)
    {
        foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(Root, page))))
        {
            string target = Path.Combine(Root, Path.GetDirectoryName(page)!, link.Groups["target"].Value);
            Assert.That(Path.Exists(target), target);
        }
    }

    [Test]
    public void The_list_of_guides_names_every_guide()
    {
        string list = File.ReadAllText(Path.Combine(Root, "docs", "README.md"));
        IEnumerable<string> guides = Guides().Select(guide => Path.GetFileName(guide)).Where(name => name != "README.md");
        Assert.That(guides.Where(name => !list.Contains($"({name})", StringComparison.Ordinal)), Is.Empty);
    }

    private static Dictionary<string, string> CompiledSnippets() => Directory
        .EnumerateFiles(Path.Combine(Root, "docs", "snippets"), "*.cs")
        .SelectMany(file => Region().Matches(File.ReadAllText(file)))
        .ToDictionary(region => region.Groups["name"].Value, region => Unindent(region.Groups["code"].Value));

    private static string Unindent(string code)
    {
        string[] lines = code.TrimEnd().Split('\n');
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line)) + "\n";
    }

    [GeneratedRegex(@"<!-- snippet: (?<name>[\w-]+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShownSnippet();

    [GeneratedRegex("^```csharp$", RegexOptions.Multiline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"// <(?<name>[\w-]+)>\n(?<code>.*?)\s*// </\k<name>>", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"\]\((?!https?:)(?<target>[^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
