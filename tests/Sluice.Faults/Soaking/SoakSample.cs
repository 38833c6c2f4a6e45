using Sluice.Faults.Kit;

namespace Sluice.Faults.Soaking;

/// <summary>What was seen at the end of a minute.</summary>
internal sealed record SoakSample(Footprint Server, Footprint Clients, double Percentile99, int Failures);
