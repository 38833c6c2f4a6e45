namespace Sluice.Cli.Tls;

/// <summary>What a server does with a version of TLS.</summary>
/// <param name="Refusal">Why it refuses the version; null if it does not.</param>
/// <param name="AsksForCertificate">Whether it asks for a client certificate.</param>
internal sealed record TlsVersion(string? Refusal, bool AsksForCertificate)
{
    public override string ToString() => Refusal is not null ? $"no ({Refusal})" : $"yes{(AsksForCertificate ? ", asks for a client certificate" : "")}";
}
