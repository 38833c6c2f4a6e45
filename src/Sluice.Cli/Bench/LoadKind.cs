namespace Sluice.Cli.Bench;

/// <summary>What a load does on its connections.</summary>
internal enum LoadKind
{
    /// <summary>Messages there and back, on connections that stay.</summary>
    Echo,

    /// <summary>The same, but each message has a connection of its own.</summary>
    Connect,

    /// <summary>Sends as fast as the server takes it.</summary>
    Send,

    /// <summary>Receives as fast as the server sends.</summary>
    Receive,
}
