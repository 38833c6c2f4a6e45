namespace Sluice.Tls;

/// <summary>How <see cref="DevelopmentCertificates"/> makes a certificate.</summary>
public sealed class DevelopmentCertificateOptions
{
    /// <summary>The kind of key. Default: <see cref="DevelopmentKey.EcdsaP256"/>.</summary>
    public DevelopmentKey Key { get; set; }

    /// <summary>From when on it is valid. Default: null, an hour ago.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>
    /// Until when it is valid. Default: null, <see cref="DevelopmentCertificates.DefaultValidity"/> from <see cref="NotBefore"/> or from now on.
    /// </summary>
    public DateTimeOffset? NotAfter { get; set; }

    internal (DateTimeOffset From, DateTimeOffset To) Period(TimeSpan clockSkew)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DateTimeOffset from = NotBefore ?? (NotAfter < now ? NotAfter.Value - DevelopmentCertificates.DefaultValidity : now - clockSkew);
        return (from, NotAfter ?? (NotBefore ?? now) + DevelopmentCertificates.DefaultValidity);
    }
}
