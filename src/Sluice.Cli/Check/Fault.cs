namespace Sluice.Cli.Check;

/// <summary>What keeps a server from answering. Of several addresses, the fault that comes first here says most.</summary>
internal enum Fault
{
    /// <summary>Nothing that the check can see.</summary>
    None,

    /// <summary>The name has no address.</summary>
    Name,

    /// <summary>The machine answers, but nothing listens.</summary>
    Refused,

    /// <summary>Nothing answers the attempt to connect.</summary>
    Timeout,

    /// <summary>The attempt to connect fails for another reason.</summary>
    Connect,

    /// <summary>There is no way to the machine.</summary>
    Unreachable,

    /// <summary>The proxy does not make the connection.</summary>
    Proxy,

    /// <summary>TLS fails.</summary>
    Tls,

    /// <summary>The server's certificate is refused.</summary>
    Certificate,

    /// <summary>The server does not speak TLS, although the client does.</summary>
    Plain,

    /// <summary>The server speaks TLS, although the client does not.</summary>
    NeedsTls,

    /// <summary>The server closes the connection without an answer.</summary>
    Closed,

    /// <summary>The server resets the connection.</summary>
    Reset,

    /// <summary>The server does not answer what it was sent.</summary>
    Silent,
}
