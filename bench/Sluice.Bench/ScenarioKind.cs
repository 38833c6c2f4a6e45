namespace Sluice.Bench;

/// <summary>What is measured.</summary>
internal enum ScenarioKind
{
    /// <summary>Messages on connections that stay.</summary>
    Echo,

    /// <summary>Messages, beside a connection whose handler blocks.</summary>
    SlowNeighbour,

    /// <summary>Connections, with one message each.</summary>
    Connect,

    /// <summary>Bytes in one direction.</summary>
    Bulk,

    /// <summary>Datagrams, there and back or in one direction.</summary>
    Datagrams,

    /// <summary>What a connection costs in memory while nothing comes.</summary>
    Idle,
}
