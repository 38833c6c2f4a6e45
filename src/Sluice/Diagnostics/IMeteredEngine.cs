namespace Sluice.Diagnostics;

/// <summary>An engine, as the instruments see it.</summary>
internal interface IMeteredEngine
{
    /// <summary>What each loop counts of itself.</summary>
    IEnumerable<LoopStatistics> Statistics { get; }

    /// <summary>Counts what all connections have read and written, those that are closed included.</summary>
    (long In, long Out) CountBytes();
}
