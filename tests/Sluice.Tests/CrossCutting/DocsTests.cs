using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sluice.Tests.CrossCutting;

/// <summary>
/// The guides show what docs/snippets compiles, and their pictures show the numbers of the tables. <see cref="ReadmeTests"/> compiles whole programs, and
/// <see cref="LinkTests"/> follows links.
/// </summary>
[TestFixture]
[Parallelizable]
public sealed partial class DocsTests
{
    private static string Root => Repository.Root;

    private static IEnumerable<string> Guides() =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(page => Path.GetRelativePath(Root, page));

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
    public void Every_csharp_block_of_a_guide_is_a_snippet_or_a_program([ValueSource(nameof(Guides))] string page)
    {
        string text = File.ReadAllText(Path.Combine(Root, page));
        Assert.That(CSharpBlock().Count(text), Is.EqualTo(ShownSnippet().Count(text) + ReadmeTests.Program().Count(text)));
    }

    [TestCase("docs/security.md")]
    [TestCase("docs/reliability.md")]
    public void Every_test_that_a_promise_names_exists(string page)
    {
        Match[] named = NamedTest().Matches(File.ReadAllText(Path.Combine(Root, page))).ToArray();
        Assert.That(named, Is.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (Match test in named)
            {
                string? file = Directory.EnumerateFiles(Path.Combine(Root, "tests"), $"{test.Groups["class"].Value}.cs", SearchOption.AllDirectories)
                    .FirstOrDefault(path => File.ReadAllText(path).Contains($" {test.Groups["method"].Value}(", StringComparison.Ordinal) || !test.Groups["method"].Success);
                Assert.That(file, Is.Not.Null, test.Value);
            }
        });
    }

    [Test]
    public void The_list_of_guides_names_every_guide()
    {
        string list = File.ReadAllText(Path.Combine(Root, "docs", "README.md"));
        IEnumerable<string> guides = Guides().Select(guide => Path.GetFileName(guide)).Where(name => name != "README.md");
        Assert.That(guides.Where(name => !list.Contains($"({name})", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_number_in_a_picture_stands_in_the_performance_page()
    {
        string tables = File.ReadAllText(Path.Combine(Root, "docs", "performance.md"));
        string[] numbers = [.. Directory.EnumerateFiles(Path.Combine(Root, "docs", "images"), "*.svg").SelectMany(file => PictureNumber().Matches(File.ReadAllText(file)))
            .Select(number => number.Groups["number"].Value)];
        Assert.That(numbers, Is.Not.Empty);
        Assert.That(numbers.Where(number => !tables.Contains($"| {number} |", StringComparison.Ordinal)), Is.Empty, "Draw the pictures again: see CONTRIBUTING.md.");
    }

    [Test]
    public void Every_row_of_a_table_has_as_many_cells_as_its_header([ValueSource(nameof(Guides))] string page)
    {
        int columns = 0;
        foreach (string line in File.ReadLines(Path.Combine(Root, page)))
        {
            int cells = line.StartsWith('|') ? EscapedBar().Replace(line, "").Count(sign => sign == '|') : 0;
            columns = cells == 0 || columns == 0 ? cells : columns;
            Assert.That(cells, Is.EqualTo(columns), line);
        }
    }

    // The compiler joins the comments of all parts of a partial type.
    [Test]
    public void Every_member_has_one_summary() => Assert.That(
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Sluice.xml")).Descendants("member")
            .Where(member => member.Elements("summary").Count() > 1).Select(member => member.Attribute("name")!.Value),
        Is.Empty);

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

    [GeneratedRegex("class=\"value [a-z]+\"[^>]*>(?<number>[^<]+)<")]
    private static partial Regex PictureNumber();

    [GeneratedRegex(@"`(?<class>\w+Tests)(\.(?<method>\w+))?`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\\\|")]
    private static partial Regex EscapedBar();
}
