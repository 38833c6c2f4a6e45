using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Tls;

/// <summary>Reads certificates from files.</summary>
internal static class CertificateReader
{
    /// <summary>Reads a certificate with its private key and its chain, from PEM files or one PFX file.</summary>
    public static SslStreamCertificateContext ReadContext(string file, string? keyFile) => Named(file, () => ReadContextOf(file, keyFile));

    /// <summary>Reads the authorities of a PEM file, and makes a policy that trusts them alone.</summary>
    public static X509ChainPolicy ReadAuthorities(string file) => Named(file, () =>
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy.CustomTrustStore.Count > 0 ? policy : throw new IOException($"{file} contains no certificate.");
    });

    /// <summary>Calls a function that reads a file of certificates, and names the file if it cannot be read as such.</summary>
    public static T Named<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CryptographicException exception)
        {
            throw new IOException($"{file}: {exception.Message}", exception);
        }
    }

    private static SslStreamCertificateContext ReadContextOf(string file, string? keyFile)
    {
        // The context keeps the certificates, so they are not disposed.
        var chain = new X509Certificate2Collection();
        if (CertificateFiles.IsPfx(file))
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password: null);
            X509Certificate2 withKey = chain.FirstOrDefault(one => one.HasPrivateKey) ?? throw new IOException($"{file} contains no private key.");
            return SslStreamCertificateContext.Create(withKey, chain, offline: true);
        }

        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(file, keyFile);
        chain.ImportFromPemFile(file);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }
}
