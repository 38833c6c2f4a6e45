using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sluice.Packaging;

/// <summary>The members of an assembly that other assemblies can use.</summary>
internal static class PublicMembers
{
    /// <summary>Returns the documentation ids of these members, such as <c>M:Sluice.Connection.CloseAsync</c>.</summary>
    public static HashSet<string> Of(MetadataReference assembly, IEnumerable<MetadataReference> references)
    {
        var compilation = CSharpCompilation.Create("members", references: [assembly, .. references]);
        var symbol = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(assembly)!;
        return [.. Visible(symbol.GlobalNamespace).Select(member => member.GetDocumentationCommentId()).OfType<string>()];
    }

    private static IEnumerable<ISymbol> Visible(INamespaceOrTypeSymbol container) => container.GetMembers()
        .Where(IsVisible)
        .SelectMany(member => member is INamespaceOrTypeSymbol inner ? Visible(inner).Prepend(member) : [member]);

    private static bool IsVisible(ISymbol member) => member is INamespaceSymbol
        || member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;
}
