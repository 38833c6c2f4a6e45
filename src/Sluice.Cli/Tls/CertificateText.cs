using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.Output;

namespace Sluice.Cli.Tls;

/// <summary>Describes certificates for people.</summary>
internal static class CertificateText
{
    /// <summary>Prints what a certificate says.</summary>
    public static void Write(X509Certificate2 certificate, string title)
    {
        WrappedText.WriteLine($"{title}: ", certificate.Subject);
        string[] names = [.. Names(certificate)];
        if (names.Length > 0)
        {
            WrappedText.WriteLine("  names: ", string.Join(", ", names));
        }

        WrappedText.WriteLine("  valid: ", $"{Time(certificate.NotBefore)} to {Time(certificate.NotAfter)}, {TimeLeft(certificate)}");
        WrappedText.WriteLine("  key: ", $"{Key(certificate)}, signed with {certificate.SignatureAlgorithm.FriendlyName}");
        WrappedText.WriteLine("  SHA-256: ", $"{certificate.GetCertHashString(HashAlgorithmName.SHA256)}");
    }

    /// <summary>Gets the DNS names and addresses of a certificate.</summary>
    public static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return extension is null ? [] : extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => $"{address}"));
    }

    /// <summary>Formats a time in UTC.</summary>
    public static string Time(DateTime local) => local.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);

    /// <summary>Gets for how many whole days a certificate is still valid; negative if it has expired.</summary>
    public static int DaysLeft(X509Certificate2 certificate) => (int)Math.Floor((certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow).TotalDays);

    /// <summary>Says for how long a certificate is still valid.</summary>
    public static string TimeLeft(X509Certificate2 certificate) => DaysLeft(certificate) switch
    {
        < 0 => "expired",
        0 => "expires today",
        1 => "1 day left",
        int days => $"{Quantity.Of(days, "day")} left",
    };

    private static string Key(X509Certificate2 certificate)
    {
        using RSA? rsa = certificate.GetRSAPublicKey();
        using ECDsa? elliptic = certificate.GetECDsaPublicKey();
        return (rsa, elliptic) switch
        {
            ({ KeySize: var size }, _) => $"RSA {size}",
            (_, { KeySize: var size }) => $"ECDSA {size}",
            _ => certificate.PublicKey.Oid.FriendlyName ?? "unknown",
        };
    }
}
