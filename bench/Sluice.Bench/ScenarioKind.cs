namespace Sluice.Bench;

/// <summary>What is measured.</summary>
internal enum ScenarioKind
{
    /// <summary>Messages on connections that stay.</summary>
    Echo,

    /// <summary>Connections, with one message each.</summary>
    Connect,

    /// <summary>What a connection costs in memory while nothing comes.</summary>
    Idle,
}
