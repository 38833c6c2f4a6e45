using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Bench.Contenders;

/// <summary>The certificate of TLS servers.</summary>
internal static class BenchCertificate
{
    public static X509Certificate2 Create()
    {
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
        return DevelopmentCertificates.CreateServer(authority);
    }
}
