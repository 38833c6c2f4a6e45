using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Tls;

/// <summary>Reads certificates from files.</summary>
internal static class CertificateReader
{
    // Of the files that are pipes: a command that reads its certificate for each connection finds nothing in them the second time.
    private static readonly ConcurrentDictionary<string, byte[]> s_pipes = new();

    /// <summary>Reads a certificate with its private key and its chain, from PEM files or one PFX file.</summary>
    public static SslStreamCertificateContext ReadContext(string file, string? keyFile) => Named(file, () => ReadContextOf(file, keyFile));

    /// <summary>Reads the authorities of a PEM file, and makes a policy that trusts them alone.</summary>
    public static X509ChainPolicy ReadAuthorities(string file) => Named(file, () =>
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(CertificateInput.TextOf(ReadBytes(file)));
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
            throw new IOException(InFile(file, exception.Message), exception);
        }
    }

    /// <summary>Says in which file something is wrong, if the message does not say so itself.</summary>
    public static string InFile(string file, string message) => message.Contains(file, StringComparison.Ordinal) ? message : $"{file}: {message}";

    /// <summary>Reads a file whole.</summary>
    /// <exception cref="IOException">It cannot be read, is a folder, is empty, or is too long.</exception>
    public static byte[] ReadBytes(string file)
    {
        if (s_pipes.TryGetValue(file, out byte[]? before))
        {
            return before;
        }

        byte[] bytes = CertificateInput.ReadBytes(file, out bool isPipe);
        if (bytes.Length == 0)
        {
            throw new IOException($"{file} is empty.");
        }

        return isPipe ? s_pipes.GetOrAdd(file, bytes) : bytes;
    }

    private static SslStreamCertificateContext ReadContextOf(string file, string? keyFile)
    {
        // The context keeps the certificates, so they are not disposed.
        var chain = new X509Certificate2Collection();
        if (CertificateFiles.IsPfx(file))
        {
            chain = X509CertificateLoader.LoadPkcs12Collection(ReadBytes(file), password: null);
            X509Certificate2 withKey = chain.FirstOrDefault(one => one.HasPrivateKey) ?? throw new IOException($"{file} contains no private key.");
            return SslStreamCertificateContext.Create(withKey, chain, offline: true);
        }

        string pem = CertificateInput.TextOf(ReadBytes(file));
        X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem, keyFile is null ? pem : CertificateInput.TextOf(ReadBytes(keyFile)));
        chain.ImportFromPem(pem);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }
}
