namespace Sluice.Tests.Options;

/// <summary>The setters of a class of options are of one kind: a callback can change all of them, or an object initializer sets all of them.</summary>
public sealed class OptionsShapeTests
{
    private static readonly Type[] s_classes = OptionsShape.ClassesOf(typeof(SelectorManager).Assembly);

    [Test]
    public void There_are_some() => Assert.That(s_classes, Has.Length.GreaterThan(10));

    [TestCaseSource(nameof(s_classes))]
    public void The_setters_of_a_class_are_all_of_one_kind(Type type) => Assert.That(OptionsShape.IsMixed(type), Is.False);
}
