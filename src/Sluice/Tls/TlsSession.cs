using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice;

/// <summary>Represents the negotiated parameters of a TLS connection.</summary>
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

    /// <summary>Gets the version of the protocol: TLS 1.2 or 1.3, unless the options allow an older one.</summary>
    public SslProtocols Protocol { get; }

    /// <summary>Gets the cipher suite, by its number in the IANA registry.</summary>
    public TlsCipherSuite CipherSuite { get; }

    /// <summary>Gets the application protocol (ALPN, RFC 7301); empty if none was negotiated.</summary>
    public SslApplicationProtocol ApplicationProtocol { get; }

    /// <summary>Gets the name of the server that the client sent (SNI, RFC 6066); empty if it sent none.</summary>
    public string ServerName { get; }

    /// <summary>Gets the peer's certificate; null if the peer sent none. The connection owns it.</summary>
    public X509Certificate2? RemoteCertificate { get; }

    /// <summary>Gets a value indicating whether this side is the server.</summary>
    public bool IsServer { get; }
}
