namespace Sluice.Testing.Tests.Cuts;

/// <summary>What the two ends notice of a cut.</summary>
internal enum CutKind
{
    /// <summary>Both get a reset.</summary>
    Reset,

    /// <summary>Nothing.</summary>
    Silence,

    /// <summary>Both get the end of the stream.</summary>
    End,
}
