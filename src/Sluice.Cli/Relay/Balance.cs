namespace Sluice.Cli.Relay;

/// <summary>Says which of several targets gets a connection.</summary>
internal enum Balance
{
    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The one with the fewest connections.</summary>
    Least,

    /// <summary>The first one that works; the others are its reserve.</summary>
    First,
}
