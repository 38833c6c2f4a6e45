using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sluice.Tests;

/// <summary>The classes of options are alike: a callback can change all of a class, or an object initializer sets all of it once.</summary>
public sealed class OptionsShapeTests
{
    private static readonly Type[] s_classes =
    [
        .. typeof(SelectorManager).Assembly.GetExportedTypes().Where(type => type.IsClass && !type.IsAbstract && type.Name.EndsWith("Options", StringComparison.Ordinal)),
    ];

    [Test]
    public void There_are_some() => Assert.That(s_classes, Has.Length.GreaterThan(10));

    [TestCaseSource(nameof(s_classes))]
    public void The_setters_of_a_class_are_all_of_one_kind(Type type)
    {
        IEnumerable<bool> isInitOnly = type.GetProperties()
            .Select(property => property.SetMethod)
            .OfType<MethodInfo>()
            .Where(setter => setter.IsPublic)
            .Select(setter => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)));

        Assert.That(isInitOnly.Distinct().Count(), Is.LessThanOrEqualTo(1));
    }
}
