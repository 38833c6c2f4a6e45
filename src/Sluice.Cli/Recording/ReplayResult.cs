using System.Net;

namespace Sluice.Cli.Recording;

/// <summary>How the replay of a connection went.</summary>
/// <param name="Client">The client of the recording.</param>
/// <param name="Sent">The number of bytes that were sent.</param>
/// <param name="Received">The number of bytes that were answered.</param>
/// <param name="Recorded">The number of bytes that were answered in the recording.</param>
/// <param name="DiffersAt">The first byte of the answers that is not the recorded one; null if there is none.</param>
/// <param name="Error">Why the replay ended early; null if it did not.</param>
internal sealed record ReplayResult(IPEndPoint Client, long Sent, long Received, long Recorded, long? DiffersAt, string? Error)
{
    public bool IsSame => Error is null && DiffersAt is null;
}
