namespace Sluice.Faults;

/// <summary>What a run is about.</summary>
internal enum CampaignKind
{
    /// <summary>Bad networks.</summary>
    Networks,

    /// <summary>Stops under load.</summary>
    Stops,

    /// <summary>A low load for many minutes.</summary>
    Soak,

    /// <summary>Connections that end in every way.</summary>
    Leaks,

    /// <summary>Peers that make a server hold memory.</summary>
    Memory,

    /// <summary>Bad peers beside good ones.</summary>
    Attack,

    /// <summary>More work than a server can do.</summary>
    Overload,
}
