using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>Writes certificates to files. Only the owner can read and write a file with a private key, if the system supports file modes.</summary>
public static class CertificateFiles
{
    /// <summary>Writes a certificate in PEM (RFC 7468).</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="path">The path of the file. An existing file is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WritePem(X509Certificate2 certificate, string path)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>Writes the private key of a certificate in PEM, as PKCS #8 and not encrypted.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="path">The path of the file. An existing file is replaced.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteKeyPem(X509Certificate2 certificate, string path)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using AsymmetricAlgorithm key = certificate.GetECDsaPrivateKey() as AsymmetricAlgorithm ?? certificate.GetRSAPrivateKey()
            ?? throw new ArgumentException("The certificate has no private key.", nameof(certificate));
        WriteSecret(path, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
    }

    /// <summary>Writes a certificate and its private key as a PFX file (PKCS #12).</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="path">The path of the file. An existing file is replaced.</param>
    /// <param name="password">The password that encrypts the file; null for none.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WritePfx(X509Certificate2 certificate, string path, string? password = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        WriteSecret(path, certificate.Export(X509ContentType.Pfx, password));
    }

    /// <summary>Whether a file is a PFX file by its name; otherwise it is PEM.</summary>
    internal static bool IsPfx(string path) => Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12";

    private static void WriteSecret(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(bytes);
    }
}
