namespace Sluice.Cli.Check;

/// <summary>What a connection came to while the check waited.</summary>
internal enum AnswerEnd
{
    /// <summary>It stays open.</summary>
    Open,

    /// <summary>The server has closed it.</summary>
    Closed,

    /// <summary>The server has reset it.</summary>
    Reset,

    /// <summary>TLS has failed on it.</summary>
    Failed,
}
