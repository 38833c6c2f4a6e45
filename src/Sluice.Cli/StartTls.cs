namespace Sluice.Cli;

/// <summary>How a server is asked to go on under TLS.</summary>
internal enum StartTls
{
    /// <summary>It is not: TLS is there from the first byte.</summary>
    None,

    /// <summary>RFC 3207.</summary>
    Smtp,

    /// <summary>RFC 9051, 6.2.1.</summary>
    Imap,
}
