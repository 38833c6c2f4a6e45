using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Sluice.Packaging;

/// <summary>What a package must have.</summary>
internal static class PackageRules
{
    private static readonly string[] s_required =
        ["description", "authors", "license", "projectUrl", "releaseNotes", "tags", "copyright"];

    private static readonly Lazy<MetadataReference[]> s_framework = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>Returns what is wrong with a package that was built together with others.</summary>
    public static IEnumerable<string> Problems(Package package, IReadOnlyCollection<Package> together) =>
        [.. Manifest(package), .. Dependencies(package, together), .. Assemblies(package), .. Documentation(package)];

    private static IEnumerable<string> Manifest(Package package)
    {
        foreach (string element in s_required.Where(element => package.Text(element).Length == 0))
        {
            yield return $"The manifest has no {element}.";
        }

        foreach (string file in new[] { "icon", "readme" }.Where(element => !package.Files.ContainsKey(package.Text(element))))
        {
            yield return $"It has no {file}.";
        }

        foreach (string attribute in new[] { "type", "url", "commit" }.Where(name => package.Attribute("repository", name).Length == 0))
        {
            yield return $"The manifest does not name the {attribute} of the repository.";
        }
    }

    // The packages use internals of each other: with another version of one of them, a member would be missing at run time.
    private static IEnumerable<string> Dependencies(Package package, IReadOnlyCollection<Package> together) =>
        from dependency in package.Dependencies
        where together.Any(other => other.Id == dependency.Id) && dependency.Version != $"[{package.Version}]"
        select $"It needs {dependency.Id} {dependency.Version}, not exactly its own version.";

    private static IEnumerable<string> Assemblies(Package package) =>
        from library in package.Libraries
        from missing in new[]
        {
            package.Files.ContainsKey(Path.ChangeExtension(library, ".xml")) ? null : "XML documentation",
            package.SymbolFiles.Contains(Path.ChangeExtension(library, ".pdb")) ? null : "symbols",
        }
        where missing is not null
        select $"It has no {missing} of {library}.";

    private static IEnumerable<string> Documentation(Package package) =>
        from library in package.Libraries
        let file = Path.ChangeExtension(library, ".xml")
        where package.Files.ContainsKey(file)
        let members = PublicMembers.Of(MetadataReference.CreateFromImage(package.Files[library]), s_framework.Value)
        from documented in DocumentedMembers(package.Files[file])
        where !members.Contains(documented)
        select $"{file} documents {documented}, which is not public.";

    private static IEnumerable<string> DocumentedMembers(byte[] documentation)
    {
        using var stream = new MemoryStream(documentation);
        return [.. XDocument.Load(stream).Descendants("member").Select(member => (string)member.Attribute("name")!)];
    }
}
