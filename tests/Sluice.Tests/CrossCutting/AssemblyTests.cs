using System.Reflection;

namespace Sluice.Tests.CrossCutting;

[Parallelizable]
public sealed class AssemblyTests
{
    [Test]
    public void The_library_depends_on_the_shared_framework_and_the_logging_abstractions_alone()
    {
        string[] foreign = [.. Assembly.Load("Sluice").GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)
                && name != "Microsoft.Win32.Primitives"
                && name != "Microsoft.Extensions.Logging.Abstractions")];

        Assert.That(foreign, Is.Empty);
    }
}
