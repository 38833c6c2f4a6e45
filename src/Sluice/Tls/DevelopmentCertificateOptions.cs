namespace Sluice.Tls;

/// <summary>Represents the options of a certificate of <see cref="DevelopmentCertificates"/>.</summary>
public sealed class DevelopmentCertificateOptions
{
    /// <summary>Gets or sets the kind of key. Default: <see cref="DevelopmentKey.EcdsaP256"/>.</summary>
    public DevelopmentKey Key { get; set; }

    /// <summary>Gets or sets the start of its validity. Default: null, an hour ago.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>
    /// Gets or sets the end of its validity. Default: null, <see cref="DevelopmentCertificates.DefaultValidity"/> after <see cref="NotBefore"/> or after now.
    /// </summary>
    public DateTimeOffset? NotAfter { get; set; }

    internal (DateTimeOffset From, DateTimeOffset To) Period(TimeSpan clockSkew)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DateTimeOffset from = NotBefore ?? (NotAfter < now ? NotAfter.Value - DevelopmentCertificates.DefaultValidity : now - clockSkew);
        return (from, NotAfter ?? (NotBefore ?? now) + DevelopmentCertificates.DefaultValidity);
    }
}
