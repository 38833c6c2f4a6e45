using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice;

/// <summary>What the two sides of a TLS connection have agreed upon.</summary>
public sealed class TlsSession
{
    internal TlsSession(SslStream ssl)
    {
        Protocol = ssl.SslProtocol;
        CipherSuite = ssl.NegotiatedCipherSuite;
        ApplicationProtocol = ssl.NegotiatedApplicationProtocol;
        ServerName = ssl.TargetHostName;
        RemoteCertificate = ssl.RemoteCertificate as X509Certificate2;
        IsServer = ssl.IsServer;
    }

    /// <summary>The version of the protocol: TLS 1.2 or 1.3, unless an older one was asked for.</summary>
    public SslProtocols Protocol { get; }

    /// <summary>The cipher suite, by its number in the IANA registry.</summary>
    public TlsCipherSuite CipherSuite { get; }

    /// <summary>The application protocol (ALPN, RFC 7301); empty if none was agreed upon.</summary>
    public SslApplicationProtocol ApplicationProtocol { get; }

    /// <summary>The name of the server that the client asked for (SNI, RFC 6066); empty if it asked for none.</summary>
    public string ServerName { get; }

    /// <summary>The peer's certificate; null if it has shown none. It belongs to the connection.</summary>
    public X509Certificate2? RemoteCertificate { get; }

    /// <summary>Whether this side is the server.</summary>
    public bool IsServer { get; }
}
