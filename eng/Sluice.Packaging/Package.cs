using System.IO.Compression;
using System.Xml.Linq;

namespace Sluice.Packaging;

/// <summary>A NuGet package: its files and what its manifest says.</summary>
internal sealed record Package(string Path, XElement Metadata, IReadOnlyDictionary<string, byte[]> Files, IReadOnlyCollection<string> SymbolFiles)
{
    public string Id => Text("id");

    public string Version => Text("version");

    /// <summary>The ids and version ranges of the packages that it needs.</summary>
    public IEnumerable<(string Id, string Version)> Dependencies => Metadata.Descendants()
        .Where(element => element.Name.LocalName == "dependency")
        .Select(element => ((string)element.Attribute("id")!, (string)element.Attribute("version")!));

    /// <summary>The assemblies that a project references.</summary>
    public IEnumerable<string> Libraries => Files.Keys
        .Where(file => file.StartsWith("lib/", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal));

    /// <summary>Reads a package, and the symbol package beside it, if there is one.</summary>
    public static Package Open(string path)
    {
        Dictionary<string, byte[]> files = Read(path);
        using var manifest = new MemoryStream(files.Single(file => file.Key.EndsWith(".nuspec", StringComparison.Ordinal)).Value);
        XElement metadata = XDocument.Load(manifest).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        string symbols = System.IO.Path.ChangeExtension(path, ".snupkg");
        return new Package(path, metadata, files, File.Exists(symbols) ? Read(symbols).Keys : []);
    }

    /// <summary>Returns the text of an element of the manifest; an empty string if there is none.</summary>
    public string Text(string element) => Element(element)?.Value ?? "";

    /// <summary>Returns an attribute of an element of the manifest; an empty string if there is none.</summary>
    public string Attribute(string element, string attribute) => (string?)Element(element)?.Attribute(attribute) ?? "";

    public override string ToString() =>
        $"{Id} {Version}: {Files.Count} files, {new FileInfo(Path).Length / 1024} KiB; symbols of {SymbolFiles.Count(file => file.EndsWith(".pdb", StringComparison.Ordinal))} assemblies";

    private XElement? Element(string name) => Metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name);

    private static Dictionary<string, byte[]> Read(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(entry => entry.FullName, Read);
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var bytes = new MemoryStream();
        using Stream content = entry.Open();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
