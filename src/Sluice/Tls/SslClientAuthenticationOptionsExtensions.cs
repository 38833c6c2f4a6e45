using System.Net.Security;

namespace Sluice;

/// <summary>Additions to the framework's options of a TLS client.</summary>
public static class SslClientAuthenticationOptionsExtensions
{
    /// <summary>
    /// Accepts whatever certificate the server shows, or none: anybody on the way can read and change everything. For a test against a
    /// server that has nothing better; never elsewhere.
    /// </summary>
    /// <param name="options">The options, which are changed.</param>
    /// <returns>The same options.</returns>
    public static SslClientAuthenticationOptions DangerousAcceptAnyCertificate(this SslClientAuthenticationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
#pragma warning disable CA5359 // That is what the name says.
        options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return options;
    }
}
