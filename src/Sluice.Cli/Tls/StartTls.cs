namespace Sluice.Cli.Tls;

/// <summary>The protocols whose command for the upgrade to TLS can be used.</summary>
internal enum StartTls
{
    /// <summary>None: the connection uses TLS from the first byte.</summary>
    None,

    /// <summary>SMTP (RFC 3207).</summary>
    Smtp,

    /// <summary>IMAP (RFC 9051, 6.2.1).</summary>
    Imap,

    /// <summary>POP3 (RFC 2595, 4).</summary>
    Pop3,

    /// <summary>FTP (RFC 4217).</summary>
    Ftp,

    /// <summary>LDAP (RFC 4511, 4.14).</summary>
    Ldap,

    /// <summary>PostgreSQL (SSLRequest).</summary>
    Postgres,

    /// <summary>MySQL and MariaDB (SSLRequest packet).</summary>
    MySql,

    /// <summary>XMPP (RFC 6120, 5).</summary>
    Xmpp,
}
