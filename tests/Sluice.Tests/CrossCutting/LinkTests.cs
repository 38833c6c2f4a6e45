using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sluice.Tests.CrossCutting;

/// <summary>Every link inside the repository leads to a file, and to a heading of it.</summary>
[TestFixture]
[Parallelizable]
public sealed partial class LinkTests
{
    private static string Root => Repository.Root;

    private static IEnumerable<string> Pages() => Directory.EnumerateFiles(Root, "*.md")
        .Concat(Folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
        .Select(page => Path.GetRelativePath(Root, page))
        .Where(page => !page.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
        .Order();

    private static IEnumerable<string> PackedPages() => Directory.EnumerateDirectories(Path.Combine(Root, "src"))
        .Append(Path.Combine(Root, "templates"))
        .Select(package => Path.GetRelativePath(Root, Path.Combine(package, "README.md")));

    private static IEnumerable<string> Folders =>
        ((string[])["docs", "src", "samples", "templates", ".github"]).Select(name => Path.Combine(Root, name)).Where(Directory.Exists);

    [Test]
    public void Every_link_inside_the_repository_leads_to_a_file_and_a_heading([ValueSource(nameof(Pages))] string page)
    {
        foreach (string link in Links(page).Where(link => !IsAbsolute(link)))
        {
            string[] parts = link.Split('#', 2);
            string target = parts[0].Length > 0 ? Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(page)!, parts[0])) : Path.Combine(Root, page);
            Assert.That(Path.Exists(target), $"{link}: there is no {target}");
            if (parts.Length > 1)
            {
                Assert.That(Anchors(target), Does.Contain(parts[1]), $"{link}: the page has no such heading");
            }
        }
    }

    // The gallery shows the README of a package without the repository around it: https://learn.microsoft.com/nuget/nuget-org/package-readme-on-nuget-org
    [Test]
    public void Every_link_of_a_packed_README_is_absolute([ValueSource(nameof(PackedPages))] string page) =>
        Assert.That(Links(page).Where(link => !IsAbsolute(link) && !link.StartsWith('#')), Is.Empty);

    [Test]
    public void Every_link_of_a_packed_README_into_the_repository_leads_to_a_file([ValueSource(nameof(PackedPages))] string page)
    {
        string repository = XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("RepositoryUrl").Single().Value;
        IEnumerable<Match> links = Links(page).Select(link => FileOnMain().Match(link)).Where(link => link.Groups["repository"].Value == repository);
        Assert.That(links.Select(link => Path.Combine(Root, link.Groups["file"].Value)).Where(file => !Path.Exists(file)), Is.Empty);
    }

    [TestCase("## `sluice bench HOST:PORT`", "sluice-bench-hostport")]
    [TestCase("### [A link](page.md) and *more*", "a-link-and-more")]
    [TestCase("## Which thread runs your code?", "which-thread-runs-your-code")]
    public void An_anchor_is_made_as_on_GitHub(string heading, string anchor) => Assert.That(Anchor(Heading().Match(heading)), Is.EqualTo(anchor));

    private static bool IsAbsolute(string link) => link.StartsWith("https://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal);

    private static IEnumerable<string> Links(string page)
    {
        string text = Code().Replace(File.ReadAllText(Path.Combine(Root, page)).ReplaceLineEndings("\n"), "");
        return Link().Matches(text).Select(link => link.Groups["target"].Value);
    }

    private static HashSet<string> Anchors(string page)
    {
        HashSet<string> anchors = [];
        foreach (Match heading in Heading().Matches(FencedCode().Replace(File.ReadAllText(page).ReplaceLineEndings("\n"), "")))
        {
            string first = Anchor(heading);
            string anchor = first;
            for (int again = 1; !anchors.Add(anchor); again++)
            {
                anchor = $"{first}-{again}";
            }
        }

        return anchors;
    }

    private static string Anchor(Match heading)
    {
        string text = LinkText().Replace(heading.Groups["text"].Value, "${text}");
        return string.Concat(text.ToLowerInvariant().Where(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-' or '_')).Trim().Replace(' ', '-');
    }

    [GeneratedRegex("^(```|~~~).*?^\\1|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("^(```|~~~).*?^\\1", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)[^)]*\)|(?:src|srcset|href)=""(?<target>[^""\s]+)|^\[[^\]]+\]:\s*(?<target>\S+)", RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex("^(?<repository>https://.+)/(blob|tree)/main/(?<file>[^#]+)")]
    private static partial Regex FileOnMain();

    [GeneratedRegex(@"^#{1,6} (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();
}
