using Sluice.Diagnostics;
using Sluice.Engine;

namespace Sluice.TestKit;

/// <summary>Describes what the sockets of all managers of the process wait for, for a test that waits in vain.</summary>
internal static class OpenSockets
{
    private const int MaxSockets = 50;

    public static string Describe()
    {
        SocketEngine[] engines = [.. SluiceMetrics.For(null).Engines.OfType<SocketEngine>().Where(engine => engine.Open.Count > 0)];
        return engines.Length == 0
            ? "No manager has an open socket."
            : string.Concat(engines.Select(engine => Describer.Describe(engine, MaxSockets)));
    }
}
