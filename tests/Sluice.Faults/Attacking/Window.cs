namespace Sluice.Faults.Attacking;

/// <summary>How long good clients waited for replies in some time.</summary>
/// <param name="Median">The time that half of the replies did not exceed.</param>
/// <param name="Percentile99">The time that 99 of 100 replies did not exceed.</param>
/// <param name="Fault">Why a client failed; null if none did.</param>
internal sealed record Window(TimeSpan Median, TimeSpan Percentile99, string? Fault);
