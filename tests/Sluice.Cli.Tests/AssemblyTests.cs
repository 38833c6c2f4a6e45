using System.Reflection;

namespace Sluice.Cli.Tests;

public sealed class AssemblyTests
{
    [Test]
    public void The_command_has_an_entry_point()
    {
        Assert.That(Assembly.Load("Sluice.Cli").EntryPoint, Is.Not.Null);
    }
}
