using System.Net.Security;

namespace Sluice;

/// <summary>Extends the framework's options of a TLS client.</summary>
public static class SslClientAuthenticationOptionsExtensions
{
    /// <summary>
    /// Accepts any certificate of the server, or none: an attacker on the network can read and change everything. Only for tests against a server without a
    /// valid certificate.
    /// </summary>
    /// <param name="options">The options, which are changed.</param>
    /// <returns>The same options.</returns>
    public static SslClientAuthenticationOptions DangerousAcceptAnyCertificate(this SslClientAuthenticationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
#pragma warning disable CA5359 // The name says that it is dangerous.
        options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return options;
    }
}
