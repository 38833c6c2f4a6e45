using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Tls;

/// <summary>Verifies a certificate, and keeps the reason of a rejection for the message of the exception.</summary>
internal sealed class CertificateCheck(string host, RemoteCertificateValidationCallback? custom, TimeProvider timeProvider)
{
    private string? _reason;

    /// <summary>Gets why the certificate was rejected; null if it was not.</summary>
    public string? Reason => _reason;

    public bool IsValid(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (custom is not null ? custom(sender, certificate, chain, errors) : errors == SslPolicyErrors.None)
        {
            return true;
        }

        _reason = string.Join("; ", Reasons(certificate as X509Certificate2, chain, errors));
        return false;
    }

    /// <summary>Gets the exception with the reason of the rejection; null if the certificate was not rejected.</summary>
    public AuthenticationException? Explain(AuthenticationException failure, string peer) =>
        _reason is null ? null : new AuthenticationException($"The certificate of the peer {peer} is rejected: {_reason}.", failure);

    private IEnumerable<string> Reasons(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            yield return "the peer sent none";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"it is not for the name '{host}' but for {Names(certificate)}";
        }

        foreach (X509ChainStatus status in chain?.ChainStatus ?? [])
        {
            yield return status.Status switch
            {
                X509ChainStatusFlags.NotTimeValid => Validity(chain!),
                X509ChainStatusFlags.UntrustedRoot => "its authority is not trusted",
                X509ChainStatusFlags.PartialChain => "its authority is unknown",
                X509ChainStatusFlags.Revoked => "it is revoked",
                X509ChainStatusFlags.NotValidForUsage => "it is not meant for this usage",
                _ => $"{status.Status} ({status.StatusInformation.Trim()})",
            };
        }

        if (errors == SslPolicyErrors.None)
        {
            yield return "the application rejects it";
        }
    }

    private string Validity(X509Chain chain)
    {
        DateTime now = timeProvider.GetLocalNow().DateTime;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            X509Certificate2 certificate = element.Certificate;
            if (now > certificate.NotAfter)
            {
                return string.Create(CultureInfo.InvariantCulture, $"'{certificate.Subject}' has expired at {certificate.NotAfter.ToUniversalTime():u}");
            }

            if (now < certificate.NotBefore)
            {
                return string.Create(CultureInfo.InvariantCulture, $"'{certificate.Subject}' is not valid before {certificate.NotBefore.ToUniversalTime():u}");
            }
        }

        return "it is not valid at this time";
    }

    private static string Names(X509Certificate2? certificate)
    {
        if (certificate?.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is not { } names)
        {
            return $"'{certificate?.Subject}'";
        }

        IEnumerable<string> all = names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()));
        return string.Join(", ", all.Take(10).Select(name => $"'{name}'"));
    }
}
