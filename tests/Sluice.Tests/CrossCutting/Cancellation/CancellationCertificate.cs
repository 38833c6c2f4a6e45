using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>A server's certificate for handshakes that never get to it.</summary>
internal static class CancellationCertificate
{
    public static X509Certificate2 Server { get; } = DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority());
}
