using System.Security.Authentication;

namespace Sluice.Cli.Tls;

/// <summary>Describes versions of TLS and failed handshakes for people.</summary>
internal static class TlsText
{
    public static string NameOf(SslProtocols version) => version switch
    {
        SslProtocols.Tls12 => "TLS 1.2",
        SslProtocols.Tls13 => "TLS 1.3",
        _ => $"{version}",
    };

    /// <summary>Gets whether a failed handshake was one with a server that speaks TLS: it said in TLS what it does not like.</summary>
    public static bool IsAlert(Exception exception) => ReasonOf(exception).Contains(" alert ", StringComparison.Ordinal);

    /// <summary>Gets the innermost reason. OpenSSL's has a code before it: "error:0A00042E:SSL routines::tlsv1 alert protocol version".</summary>
    public static string ReasonOf(Exception exception) =>
        exception.InnerException is { } inner ? ReasonOf(inner) : exception.Message.Split('\n')[0].Split("::")[^1].Trim().TrimEnd('.');
}
