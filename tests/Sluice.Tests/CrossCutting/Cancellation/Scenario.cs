namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>How a call is brought to wait.</summary>
/// <param name="Begin">Begins it.</param>
/// <param name="EndsOrdinarily">A cancellation ends it without an exception, as documented.</param>
/// <param name="NeverWaits">Why it cannot be brought to wait: it is only tried with a token that is cancelled before.</param>
/// <param name="Reason">Why there is nothing to try.</param>
internal sealed record Scenario(Func<CancellationToken, Task> Begin, bool EndsOrdinarily = false, string? NeverWaits = null, string? Reason = null);
