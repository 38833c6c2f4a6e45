using System.Collections.Concurrent;
using NUnit.Framework.Interfaces;

namespace Sluice.TestKit;

/// <summary>Puts each test of an assembly under a <see cref="Watchdog"/>, whose reports are seen while the test still runs.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class WatchedTestsAttribute : Attribute, ITestAction
{
    // More than a test on a busy machine takes, and less than a run of all tests may take.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static readonly ConcurrentDictionary<string, Watchdog> s_watchdogs = new();

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test) => s_watchdogs[test.Id] = new Watchdog(test.FullName, s_patience, TestContext.Progress.WriteLine);

    public void AfterTest(ITest test)
    {
        if (s_watchdogs.TryRemove(test.Id, out Watchdog? watchdog))
        {
            watchdog.Dispose();
        }
    }
}
