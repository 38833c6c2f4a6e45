namespace Sluice.Bench;

/// <summary>What a server echoes.</summary>
internal enum EchoMode
{
    /// <summary>Bytes as they come.</summary>
    Raw,

    /// <summary>Each line, with CR LF at its end.</summary>
    Lines,
}
