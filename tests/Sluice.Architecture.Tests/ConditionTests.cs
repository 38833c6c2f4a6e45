using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sluice.Tests.Architecture;

/// <summary>How the command decides: an expression with one question, and otherwise a switch or a method.</summary>
public sealed class ConditionTests
{
    [Test]
    public void No_conditional_expression_of_the_command_is_a_branch_of_another()
    {
        string root = Path.Combine(Repository.Root, "src", "Sluice.Cli");
        IEnumerable<string> nested =
            from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            where !Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")
            let tree = CSharpSyntaxTree.ParseText(File.ReadAllText(file))
            from node in tree.GetRoot().DescendantNodes().OfType<ConditionalExpressionSyntax>()
            where node.WhenTrue.Unparenthesized() is ConditionalExpressionSyntax || node.WhenFalse.Unparenthesized() is ConditionalExpressionSyntax
            select $"{Path.GetRelativePath(root, file)}:{tree.GetLineSpan(node.Span).StartLinePosition.Line + 1}";

        Assert.That(nested, Is.Empty);
    }
}
