using Sluice.Bench.Contenders;
using Sluice.Bench.Running;

namespace Sluice.Bench;

/// <summary>The settings from the command line.</summary>
/// <param name="WarmUp">How long a server runs under load before it is measured: .NET and Java need this time to reach their final compiled code.</param>
internal sealed record Settings(
    IReadOnlyList<Scenario> Scenarios,
    IReadOnlyList<Contender> Contenders,
    int Rounds,
    TimeSpan Duration,
    TimeSpan WarmUp,
    Pinning Pinning,
    Quota Quota,
    string? Report);
