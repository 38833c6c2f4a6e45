using System.Reflection;

namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>The methods of an assembly that take a token.</summary>
internal static class TokenMethods
{
    public static IEnumerable<MethodInfo> Of(Assembly assembly) => assembly.GetExportedTypes()
        .Where(type => !type.IsSubclassOf(typeof(Delegate)))
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => !method.IsSpecialName && method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken)))
        .OrderBy(NameOf, StringComparer.Ordinal);

    public static string NameOf(MethodInfo method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => Short(parameter.ParameterType)))})";

    private static string Short(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>"
        : type.Name;
}
