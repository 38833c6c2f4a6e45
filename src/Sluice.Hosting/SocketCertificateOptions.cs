namespace Sluice.Hosting;

/// <summary>A certificate in files, which are watched: renewed ones are used for new connections.</summary>
public sealed class SocketCertificateOptions
{
    /// <summary>The certificate and its chain as PEM; or a PFX file, if it ends in <c>.pfx</c> or <c>.p12</c>.</summary>
    public string Path { get; set; } = string.Empty;

    /// <summary>The private key as PEM, if it is in a file of its own.</summary>
    public string? KeyPath { get; set; }

    /// <summary>What a PFX file is encrypted with.</summary>
    public string? Password { get; set; }

    /// <summary>How often the files are looked at; see <see cref="WatchedCertificateOptions.Interval"/>.</summary>
    public TimeSpan Interval { get; set; } = WatchedCertificateOptions.DefaultInterval;

    internal bool IsPfx => System.IO.Path.GetExtension(Path) is ".pfx" or ".p12";
}
