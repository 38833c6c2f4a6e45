using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.TestKit;

/// <summary>An authority of the tests, and certificates under it. Made once: keys take time.</summary>
internal static class TestCertificates
{
    public static X509Certificate2 Authority { get; } = DevelopmentCertificates.CreateAuthority();

    public static X509Certificate2 Server { get; } = DevelopmentCertificates.CreateServer(Authority);

    public static X509Certificate2 Client { get; } = DevelopmentCertificates.CreateClient(Authority, "a client");

    /// <summary>Trusts one authority alone.</summary>
    public static X509ChainPolicy Trusting(X509Certificate2 authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority },
        RevocationMode = X509RevocationMode.NoCheck,
    };
}
