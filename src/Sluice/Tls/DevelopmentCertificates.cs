using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>
/// Creates certificates for development and tests: an authority, and certificates of servers and clients that it signs. Not for production, which needs a
/// safe place for the authority's key and a way to revoke certificates.
/// </summary>
/// <remarks>Each certificate has its private key. <see cref="CertificateFiles"/> writes them to files.</remarks>
public static class DevelopmentCertificates
{
    // RFC 5280, 4.2.1.12.
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>The default validity of a certificate: 90 days. It begins an hour ago, because clocks differ.</summary>
    public static readonly TimeSpan DefaultValidity = TimeSpan.FromDays(90);

    private static readonly TimeSpan s_clockSkew = TimeSpan.FromHours(1);

    /// <summary>Creates an authority, which signs other certificates.</summary>
    /// <param name="name">The common name.</param>
    /// <param name="options">The kind of key and the validity; null for the defaults.</param>
    /// <returns>The authority's certificate with its key. The caller disposes of it.</returns>
    public static X509Certificate2 CreateAuthority(string name = "Sluice development authority", DevelopmentCertificateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new DevelopmentCertificateOptions();
        using AsymmetricAlgorithm key = CreateKey(options.Key);
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        (DateTimeOffset from, DateTimeOffset to) = options.Period(s_clockSkew);
        using X509Certificate2 certificate = request.CreateSelfSigned(from, to);
        return CertificateSource.WithUsableKey(certificate);
    }

    /// <summary>Creates the certificate of a server.</summary>
    /// <param name="authority">The authority that signs it, from <see cref="CreateAuthority"/>.</param>
    /// <param name="names">
    /// The subject alternative names (RFC 6125): host names, possibly with <c>*</c> as the first label, and IP addresses. Null or empty for
    /// <c>localhost</c>, 127.0.0.1 and ::1.
    /// </param>
    /// <param name="options">The kind of key and the validity; null for the defaults.</param>
    /// <returns>The certificate with its key. The caller disposes of it.</returns>
    /// <exception cref="ArgumentException">The authority has no key, or a name is empty.</exception>
    public static X509Certificate2 CreateServer(
        X509Certificate2 authority, IEnumerable<string>? names = null, DevelopmentCertificateOptions? options = null)
    {
        string[] all = names?.ToArray() is { Length: > 0 } given ? given : ["localhost", "127.0.0.1", "::1"];
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in all)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(names));
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        return CreateSigned(authority, all[0], ServerUsage, alternatives, options ?? new DevelopmentCertificateOptions());
    }

    /// <summary>Creates the certificate of a client.</summary>
    /// <param name="authority">The authority that signs it, from <see cref="CreateAuthority"/>.</param>
    /// <param name="name">The common name.</param>
    /// <param name="options">The kind of key and the validity; null for the defaults.</param>
    /// <returns>The certificate with its key. The caller disposes of it.</returns>
    /// <exception cref="ArgumentException">The authority has no key, or the name is empty.</exception>
    public static X509Certificate2 CreateClient(X509Certificate2 authority, string name, DevelopmentCertificateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return CreateSigned(authority, name, ClientUsage, alternatives: null, options ?? new DevelopmentCertificateOptions());
    }

    private static X509Certificate2 CreateSigned(
        X509Certificate2 authority, string name, string usage, SubjectAlternativeNameBuilder? alternatives, DevelopmentCertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(authority);
        if (!authority.HasPrivateKey)
        {
            throw new ArgumentException("The authority has no private key to sign with.", nameof(authority));
        }

        using AsymmetricAlgorithm key = CreateKey(options.Key);
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (alternatives is not null)
        {
            request.CertificateExtensions.Add(alternatives.Build());
        }

        (DateTimeOffset from, DateTimeOffset to) = options.Period(s_clockSkew);
        using AsymmetricAlgorithm signer = authority.GetECDsaPrivateKey() as AsymmetricAlgorithm ?? authority.GetRSAPrivateKey()!;
        using X509Certificate2 bare = request.Create(authority.SubjectName, SignatureOf(signer), from, to, SerialNumber());
        using X509Certificate2 certificate = key is RSA rsa ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey((ECDsa)key);
        return CertificateSource.WithUsableKey(certificate);
    }

    private static AsymmetricAlgorithm CreateKey(DevelopmentKey key) => key switch
    {
        DevelopmentKey.EcdsaP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        DevelopmentKey.Rsa2048 => RSA.Create(2048),
        _ => throw new ArgumentOutOfRangeException(nameof(key)),
    };

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return key is RSA rsa
            ? new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject.Build(), (ECDsa)key, HashAlgorithmName.SHA256);
    }

    private static X509SignatureGenerator SignatureOf(AsymmetricAlgorithm key) => key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    // RFC 5280, 4.1.2.2: positive, and at most 20 bytes.
    private static byte[] SerialNumber()
    {
        byte[] number = RandomNumberGenerator.GetBytes(16);
        number[0] = (byte)((number[0] & 0x7f) | 0x40);
        return number;
    }
}
