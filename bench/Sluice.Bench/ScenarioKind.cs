namespace Sluice.Bench;

/// <summary>The kinds of scenarios.</summary>
internal enum ScenarioKind
{
    /// <summary>Echoes messages on connections that stay open.</summary>
    Echo,

    /// <summary>Echoes messages next to a connection whose handler blocks.</summary>
    SlowNeighbour,

    /// <summary>Echoes messages with a server that has just started.</summary>
    Cold,

    /// <summary>Makes connections, with one message each.</summary>
    Connect,

    /// <summary>Sends bytes in one direction.</summary>
    Bulk,

    /// <summary>Sends datagrams, as an echo or in one direction.</summary>
    Datagrams,

    /// <summary>Sends each message to all connections.</summary>
    Broadcast,

    /// <summary>Measures the memory of idle connections.</summary>
    Idle,
}
