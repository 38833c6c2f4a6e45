using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sluice.Tests.CrossCutting;

/// <summary>
/// Every C# block of the README and of the package's README, and every block of a guide that follows <c>&lt;!-- program --&gt;</c>, compiles when it is pasted into Program.cs of
/// <c>dotnet new console</c>.
/// </summary>
[TestFixture]
[Parallelizable]
public sealed partial class ReadmeTests
{
    private static readonly CSharpCompilationOptions s_console = new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable);

    private static IEnumerable<TestCaseData> Programs() => Blocks("README.md", Block())
        .Concat(Blocks("src/Sluice/README.md", Block()))
        .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Order()
            .SelectMany(page => Blocks(Path.GetRelativePath(Repository.Root, page), Program())));

    [TestCaseSource(nameof(Programs))]
    public void A_page_shows_a_program_that_compiles_as_it_is(string program) => Assert.That(Compile(program), Is.Empty);

    [Test]
    public void The_README_shows_a_server_and_a_client() => Assert.That(Blocks("README.md", Block()).Count(), Is.GreaterThanOrEqualTo(2));

    [TestCase("await using var selector = new SelectorManager();")]
    [TestCase("using Sluice; SelectorManager.Shared.Tcp().NoSuchMethod();")]
    public void A_program_that_lacks_a_using_or_names_what_is_not_there_is_refused(string program) => Assert.That(Compile(program), Is.Not.Empty);

    [GeneratedRegex("^<!-- program -->\n```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    internal static partial Regex Program();

    private static IEnumerable<TestCaseData> Blocks(string page, Regex blocks) => blocks
        .Matches(File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n"))
        .Select((block, number) => new TestCaseData(block.Groups["code"].Value).SetArgDisplayNames($"{page} {number + 1}"));

    private static string[] Compile(string program)
    {
        var compilation = CSharpCompilation.Create(
            "Program", [CSharpSyntaxTree.ParseText(ImplicitUsings.Source), CSharpSyntaxTree.ParseText(program)], References(), s_console);
        return [.. compilation.GetDiagnostics().Where(found => found.Severity >= DiagnosticSeverity.Warning).Select(found => found.ToString())];
    }

    // The framework, Sluice, and the packages that come with it; none of those that only the tests have.
    private static IEnumerable<MetadataReference> References()
    {
        Assembly sluice = typeof(SelectorManager).Assembly;
        IEnumerable<string> framework = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location));
        IEnumerable<string> packages = sluice.GetReferencedAssemblies()
            .Select(name => Path.Combine(AppContext.BaseDirectory, $"{name.Name}.dll"))
            .Where(File.Exists);
        return framework.Concat(packages).Append(sluice.Location).Select(path => MetadataReference.CreateFromFile(path));
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
