using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Sluice.Packaging;

/// <summary>The XML documentation that a package ships.</summary>
internal static class PublicDocumentation
{
    /// <summary>Writes the part of an XML documentation file that is about public members.</summary>
    public static void Write(string assembly, string documentation, IEnumerable<string> references, string output)
    {
        HashSet<string> members = PublicMembers.Of(
            MetadataReference.CreateFromFile(assembly), references.Select(path => MetadataReference.CreateFromFile(path)));
        XDocument document = XDocument.Load(documentation, LoadOptions.PreserveWhitespace);
        foreach (XElement member in document.Descendants("member").ToList())
        {
            if (!members.Contains((string?)member.Attribute("name") ?? ""))
            {
                // The line break and the indentation before it.
                (member.PreviousNode as XText)?.Remove();
                member.Remove();
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        document.Save(output, SaveOptions.DisableFormatting);
    }
}
