namespace Sluice.Hosting.Tests;

public sealed class OptionsShapeTests
{
    private static readonly Type[] s_classes = OptionsShape.ClassesOf(typeof(SocketServerOptions).Assembly);

    [TestCaseSource(nameof(s_classes))]
    public void The_setters_of_a_class_of_options_are_all_of_one_kind(Type type) => Assert.That(OptionsShape.IsMixed(type), Is.False);
}
