using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal.Commands;

// The linked sources find these before those of NUnit.
#pragma warning disable CA1018, CA1813, SA1402
namespace Sluice;

internal sealed class TestAttribute : NUnit.Framework.TestAttribute, IWrapTestMethod
{
    public TestCommand Wrap(TestCommand command) => SimulatedCommand.Wrap(command);
}

[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TestCaseAttribute(params object?[]? arguments) : NUnit.Framework.TestCaseAttribute(arguments), IWrapTestMethod
{
    public TestCommand Wrap(TestCommand command) => SimulatedCommand.Wrap(command);
}

[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TestCaseSourceAttribute : NUnit.Framework.TestCaseSourceAttribute, IWrapTestMethod
{
    public TestCaseSourceAttribute(string sourceName)
        : base(sourceName)
    {
    }

    public TestCaseSourceAttribute(Type sourceType, string sourceName)
        : base(sourceType, sourceName)
    {
    }

    public TestCommand Wrap(TestCommand command) => SimulatedCommand.Wrap(command);
}

/// <summary>What <see cref="SimulatedCommand"/> runs before a test.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SetUpAttribute : Attribute;

/// <summary>What <see cref="SimulatedCommand"/> runs after a test.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TearDownAttribute : Attribute;
