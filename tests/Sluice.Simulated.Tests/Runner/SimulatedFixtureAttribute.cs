using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Sluice;

/// <summary>A fixture on a simulated host, without the tests that are left out.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SimulatedFixtureAttribute(SelectorEngine engine) : TestFixtureAttribute(engine), IFixtureBuilder2
{
    IEnumerable<TestSuite> IFixtureBuilder2.BuildFrom(ITypeInfo typeInfo, IPreFilter filter)
    {
        foreach (TestSuite fixture in BuildFrom(typeInfo, filter))
        {
            RemoveLeftOut(fixture);
            yield return fixture;
        }
    }

    private static void RemoveLeftOut(TestSuite suite)
    {
        for (int i = suite.Tests.Count - 1; i >= 0; i--)
        {
            if (suite.Tests[i] is TestSuite inner)
            {
                RemoveLeftOut(inner);
            }

            if (suite.Tests[i] is TestMethod test ? LeftOut.ReasonFor(test) is not null : suite.Tests[i].Tests.Count == 0)
            {
                suite.Tests.RemoveAt(i);
            }
        }
    }
}
