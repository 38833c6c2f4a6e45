namespace Sluice.Cli.Bench;

/// <summary>The kinds of load.</summary>
internal enum LoadKind
{
    /// <summary>Echoes messages on connections that stay open.</summary>
    Echo,

    /// <summary>Opens a connection for each message.</summary>
    Connect,

    /// <summary>Sends as fast as the server receives.</summary>
    Send,

    /// <summary>Receives as fast as the server sends.</summary>
    Receive,
}
