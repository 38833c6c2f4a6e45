using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sluice.TestKit;

/// <summary>Finds the public classes of options of an assembly, and the kinds of their setters.</summary>
internal static class OptionsShape
{
    public static Type[] ClassesOf(Assembly assembly) =>
        [.. assembly.GetExportedTypes().Where(type => type.IsClass && !type.IsAbstract && type.Name.EndsWith("Options", StringComparison.Ordinal))];

    /// <summary>Gets whether the class has both kinds of setters: some that only an object initializer can use, and some that a callback can.</summary>
    public static bool IsMixed(Type type) => type.GetProperties()
        .Select(property => property.SetMethod)
        .OfType<MethodInfo>()
        .Where(setter => setter.IsPublic)
        .Select(setter => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)))
        .Distinct()
        .Count() > 1;
}
