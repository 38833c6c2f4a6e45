namespace Sluice.TestKit;

/// <summary>Reports what a test waits for that takes too long: an await that never ends would be cut off with the whole run, and say nothing.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Timer _timer;

    /// <summary>Begins to watch.</summary>
    /// <param name="test">The name of the test.</param>
    /// <param name="patience">How long it may take; after each such time there is a report.</param>
    /// <param name="report">Gets the report.</param>
    public Watchdog(string test, TimeSpan patience, Action<string> report) => _timer = new Timer(
        _ => report($"{test} has not ended after {patience.TotalSeconds:0} s.{Environment.NewLine}{OpenSockets.Describe()}"), state: null, patience, patience);

    public void Dispose() => _timer.Dispose();
}
