using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sluice.Tests.Architecture;

/// <summary>The library's sources, compiled for their semantic model.</summary>
internal sealed class SourceTree
{
    private readonly CSharpCompilation _compilation;
    private readonly string _root;

    private SourceTree(string root, CSharpCompilation compilation)
    {
        _root = root;
        _compilation = compilation;
    }

    /// <summary>Gets every source file, by its path inside <c>src/Sluice</c>.</summary>
    public IEnumerable<string> Files => _compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0).Select(tree => Relative(tree.FilePath));

    /// <summary>
    /// Gets the names that have no meaning to the compiler here: arrows that start there would be missed. What source generators add
    /// is not there, and is left out.
    /// </summary>
    public IEnumerable<string> UnresolvedNames => _compilation.GetDiagnostics()
        .Where(diagnostic => diagnostic.Id is "CS0103" or "CS0234" or "CS0246" or "CS1061")
        .Select(diagnostic => diagnostic.ToString());

    /// <summary>Parses and binds the sources of <c>src/Sluice</c>.</summary>
    public static SourceTree Load()
    {
        string root = Path.Combine(Repository.Root, "src", "Sluice");
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        IEnumerable<SyntaxTree> trees = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file));
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) != "Sluice.dll")
            .Select(file => MetadataReference.CreateFromFile(file));
        return new SourceTree(root, CSharpCompilation.Create(
            "Sluice",
            [CSharpSyntaxTree.ParseText(ImplicitUsings.Source, options), .. trees],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable)));
    }

    /// <summary>Finds what each file names that another file declares.</summary>
    public IEnumerable<Mention> FindMentions()
    {
        foreach (SyntaxTree tree in _compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0))
        {
            SemanticModel model = _compilation.GetSemanticModel(tree);
            string from = Relative(tree.FilePath);
            foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                if (model.GetSymbolInfo(name) is var info && (info.Symbol ?? info.CandidateSymbols.FirstOrDefault()) is { } symbol
                    && DeclaringFile(symbol) is { } to && to != from)
                {
                    yield return new Mention(from, to, symbol.Name, tree.GetLineSpan(name.Span).StartLinePosition.Line + 1);
                }
            }
        }
    }

    // A type stands in the file that has its name; a member, in the file of its own declaration.
    private string? DeclaringFile(ISymbol symbol)
    {
        symbol = symbol.OriginalDefinition;
        if (symbol is INamespaceSymbol or ITypeParameterSymbol or ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or ILabelSymbol)
        {
            return null;
        }

        string[] files = [.. symbol.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree.FilePath).Where(path => path.Length > 0).Distinct()];
        return files.Length == 0 ? null : Relative(files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == symbol.Name) ?? files.Min()!);
    }

    private string Relative(string file) => Path.GetRelativePath(_root, file).Replace('\\', '/');
}
