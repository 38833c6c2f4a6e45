using Sluice.Bench.Contenders;
using Sluice.Bench.Running;

namespace Sluice.Bench;

/// <summary>What was asked for.</summary>
/// <param name="WarmUp">How long a server runs under load before it counts: .NET's and Java's are compiled for good only by then.</param>
internal sealed record Settings(
    IReadOnlyList<Scenario> Scenarios,
    IReadOnlyList<Contender> Contenders,
    int Rounds,
    TimeSpan Duration,
    TimeSpan WarmUp,
    Pinning Pinning,
    string? Report);
