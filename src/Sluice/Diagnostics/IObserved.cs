namespace Sluice.Diagnostics;

/// <summary>Represents a connection whose events are measured and traced.</summary>
internal interface IObserved
{
    /// <summary>The instruments; null for a connection that is not measured.</summary>
    SluiceMetrics? Metrics => null;

    /// <summary>Logs what a listener of the meter or of the activity source has thrown. Does nothing where there is no log.</summary>
    void ReportObserverFailure(Exception exception)
    {
    }
}
