namespace Sluice.Testing.Tests.Cuts;

/// <summary>Where and how a connection is cut.</summary>
/// <param name="Kind">What its ends notice.</param>
/// <param name="OfServer">Whether the bytes of the server are counted, and not those of the client.</param>
/// <param name="After">The number of bytes that arrive.</param>
internal sealed record Cut(CutKind Kind, bool OfServer, int After)
{
    private const int Kinds = 3;
    private const int MinSeeds = 200;

    /// <summary>
    /// Gets the cut of a seed. The seeds go through the positions by steps of the stride, then through those in between, and then again with the next kind.
    /// </summary>
    public static Cut Of(ulong seed, int clientBytes, int serverBytes, int stride)
    {
        ulong positions = (ulong)(clientBytes + serverBytes);
        ulong step = (seed - 1) * (ulong)stride;
        ulong round = step / positions;
        int position = (int)((step + round) % positions);
        var kind = (CutKind)(((round / (ulong)stride) + (ulong)position) % Kinds);
        return position < clientBytes ? new Cut(kind, false, position) : new Cut(kind, true, position - clientBytes);
    }

    /// <summary>Returns the number of seeds that have every position with every kind, more than once if these are few: the seeds also differ in their order of events.</summary>
    public static int CountOf(int clientBytes, int serverBytes) => Math.Max(MinSeeds, Kinds * (clientBytes + serverBytes));
}
