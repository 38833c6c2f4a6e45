using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sluice.Tests.Architecture;

/// <summary>Helpers for syntax trees.</summary>
internal static class SyntaxExtensions
{
    /// <summary>Gets an expression without the parentheses around it.</summary>
    public static ExpressionSyntax Unparenthesized(this ExpressionSyntax expression) =>
        expression is ParenthesizedExpressionSyntax inner ? inner.Expression.Unparenthesized() : expression;
}
