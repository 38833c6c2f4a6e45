namespace Sluice.Cli.Listen;

/// <summary>Says what <c>sluice listen</c> does with a connection.</summary>
internal enum ListenMode
{
    /// <summary>Joins it with the standard input and output.</summary>
    Standard,

    /// <summary>Starts a command for it.</summary>
    Exec,

    /// <summary>Sends what it says to all others.</summary>
    Chat,

    /// <summary>Sends a file.</summary>
    File,

    /// <summary>Receives, and counts.</summary>
    Receive,

    /// <summary>Sends as fast as it receives.</summary>
    Send,
}
