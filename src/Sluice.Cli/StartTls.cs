namespace Sluice.Cli;

/// <summary>The protocols whose STARTTLS command can be used.</summary>
internal enum StartTls
{
    /// <summary>None: the connection uses TLS from the first byte.</summary>
    None,

    /// <summary>SMTP (RFC 3207).</summary>
    Smtp,

    /// <summary>IMAP (RFC 9051, 6.2.1).</summary>
    Imap,
}
