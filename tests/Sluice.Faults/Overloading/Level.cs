namespace Sluice.Faults.Overloading;

/// <summary>How much a server did under a load.</summary>
/// <param name="Rate">The answers a second.</param>
/// <param name="Efficiency">The answers in a second of the server's processor time, which other work on the machine changes little.</param>
internal readonly record struct Level(double Rate, double Efficiency);
