namespace Sluice.Diagnostics;

/// <summary>Represents an engine to the instruments.</summary>
internal interface IMeteredEngine
{
    /// <summary>Gets the statistics of each loop.</summary>
    IEnumerable<LoopStatistics> Statistics { get; }

    /// <summary>Counts the bytes that all connections have read and written, closed ones included.</summary>
    (long In, long Out) CountBytes();
}
