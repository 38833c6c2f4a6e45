namespace Sluice.Cli.Recording;

/// <summary>The flags of a TCP segment.</summary>
[Flags]
internal enum TcpFlags : byte
{
    /// <summary>The sender has ended.</summary>
    Fin = 1,

    /// <summary>The first segment.</summary>
    Syn = 2,

    /// <summary>The connection is reset.</summary>
    Rst = 4,

    /// <summary>The receiver should get the bytes at once.</summary>
    Psh = 8,

    /// <summary>The number of acknowledged bytes is valid.</summary>
    Ack = 16,
}
