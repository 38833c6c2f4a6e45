using Sluice.Bench.Contenders;
using Sluice.Bench.Running;

namespace Sluice.Bench;

/// <summary>What was asked for.</summary>
internal sealed record Settings(
    IReadOnlyList<Scenario> Scenarios, IReadOnlyList<Contender> Contenders, int Rounds, TimeSpan Duration, Pinning Pinning, string? Report)
{
    /// <summary>How long a server runs under load before it counts: .NET's and Java's are compiled for good only by then.</summary>
    public TimeSpan WarmUp => 2 * Duration;
}
