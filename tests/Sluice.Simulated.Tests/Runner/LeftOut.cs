using NUnit.Framework.Internal;

namespace Sluice;

/// <summary>The tests of linked fixtures that do not run in a simulation, by the reason.</summary>
internal static partial class LeftOut
{
    private static readonly Lazy<Dictionary<string, string>> s_reasons = new(ByName);

    /// <summary>Gets the names of the tests.</summary>
    public static IEnumerable<string> Names => s_reasons.Value.Keys;

    // The names of what a connection or a pipe goes over, as arguments of tests.
    private static readonly string[] s_noSockets = ["Memory", "MemoryTls", "FrameworkPipe", "FrameworkStream", "OverPipe", "OverStream", "memory"];

    /// <summary>Gets why a test is left out; null if it is not.</summary>
    public static string? ReasonFor(TestMethod test) =>
        Array.Exists(test.Arguments, argument => s_noSockets.Contains(argument?.ToString()))
            ? "There is no socket, and the thread pool runs continuations."
            : s_reasons.Value.GetValueOrDefault(test.MethodName);

    private static Dictionary<string, string> ByName() =>
        s_tests.SelectMany(reason => reason.Tests.Select(test => (test, reason.Why))).ToDictionary(pair => pair.test, pair => pair.Why, StringComparer.Ordinal);
}
