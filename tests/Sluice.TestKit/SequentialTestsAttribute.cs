using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Sluice.TestKit;

/// <summary>
/// Lets no test that runs alone overlap with another: the test runner begins the former while a worker may just have taken the last of the latter
/// (https://github.com/nunit/nunit/issues/2761).
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SequentialTestsAttribute : Attribute, ITestAction
{
    private static readonly object s_lock = new();

    // Under s_lock: the tests that run; -1 for one that runs alone.
    private static int s_running;

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
        bool alone = RunsAlone(test);
        lock (s_lock)
        {
            while (alone ? s_running != 0 : s_running < 0)
            {
                Monitor.Wait(s_lock);
            }

            s_running = alone ? -1 : s_running + 1;
        }
    }

    public void AfterTest(ITest test)
    {
        lock (s_lock)
        {
            s_running = s_running < 0 ? 0 : s_running - 1;
            Monitor.PulseAll(s_lock);
        }
    }

    // As the runner decides: the nearest attribute counts, and without one a test runs alone.
    private static bool RunsAlone(ITest test)
    {
        bool isOwn = true;
        for (ITest? at = test; at is not null; at = at.Parent)
        {
            if (at.Properties.Get(PropertyNames.ParallelScope) is ParallelScope scope)
            {
                return !scope.HasFlag(isOwn ? ParallelScope.Self : ParallelScope.Fixtures) && !scope.HasFlag(ParallelScope.Children);
            }

            // The cases of one method are a suite, without a type, below their fixture.
            isOwn = at.TypeInfo is not null || at.Method is not null;
        }

        return true;
    }
}
