using System.Reflection;

namespace Sluice;

/// <summary>The list of what is left out fits the fixtures.</summary>
public sealed class LeftOutTests
{
    [NUnit.Framework.Test]
    public void Each_test_that_is_left_out_exists()
    {
        var tests = typeof(LeftOutTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            .Select(method => method.Name)
            .ToHashSet(StringComparer.Ordinal);
        Assert.That(LeftOut.Names.Except(tests), Is.Empty);
    }
}
