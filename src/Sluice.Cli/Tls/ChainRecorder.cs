using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Tls;

/// <summary>Accepts any certificate, and keeps its chain and the reason for which it would be refused.</summary>
internal sealed class ChainRecorder
{
    /// <summary>Gets the certificate of the server, and those that signed it, as far as they are known.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; private set; } = [];

    /// <summary>Gets why the certificate would be refused; null if it is trusted.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Makes the options accept and record.</summary>
    public void Use(SslClientAuthenticationOptions options)
    {
        var check = new CertificateCheck(options.TargetHost ?? string.Empty, custom: null, TimeProvider.System);
        options.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            // The chain is disposed of after the callback.
            Certificates = [.. (chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>()).Select(element => Copy(element.Certificate))];
            if (Certificates.Count == 0 && certificate is not null)
            {
                Certificates = [Copy(certificate)];
            }

            Refusal = check.IsValid(sender, certificate, chain, errors) ? null : check.Reason;
            return true;
        };
    }

    private static X509Certificate2 Copy(X509Certificate certificate) => X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
}
