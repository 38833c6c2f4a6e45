namespace Sluice.Testing.Tests.Cuts;

/// <summary>Where and how a connection is cut.</summary>
/// <param name="Kind">What its ends notice.</param>
/// <param name="OfServer">Whether the bytes of the server are counted, and not those of the client.</param>
/// <param name="After">The number of bytes that arrive.</param>
internal sealed record Cut(CutKind Kind, bool OfServer, int After)
{
    private const int Kinds = 3;

    /// <summary>Gets the cut of a seed. The first seeds have every position once, and after the third time with every kind.</summary>
    public static Cut Of(ulong seed, int clientBytes, int serverBytes)
    {
        ulong positions = (ulong)(clientBytes + serverBytes);
        int position = (int)((seed - 1) % positions);
        var kind = (CutKind)((((seed - 1) / positions) + (ulong)position) % Kinds);
        return position < clientBytes ? new Cut(kind, false, position) : new Cut(kind, true, position - clientBytes);
    }

    /// <summary>Returns the number of seeds that have every position with every kind.</summary>
    public static int CountOf(int clientBytes, int serverBytes) => Kinds * (clientBytes + serverBytes);
}
