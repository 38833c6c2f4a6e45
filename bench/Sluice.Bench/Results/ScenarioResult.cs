namespace Sluice.Bench.Results;

/// <summary>The results of all contenders in a scenario.</summary>
internal sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<ContenderResult> Contenders, IReadOnlyList<Skip> Skipped)
{
    /// <summary>The first contender, to which all ratios refer.</summary>
    public ContenderResult? Reference => Contenders.Count > 0 ? Contenders[0] : null;
}
