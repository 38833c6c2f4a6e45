using Sluice.Tls;

namespace Sluice.Hosting;

/// <summary>A certificate in files. The files are watched, and a renewed certificate is used for new connections.</summary>
public sealed class SocketCertificateOptions
{
    /// <summary>Gets or sets the path of a PEM file with the certificate and its chain, or of a PFX file (<c>.pfx</c> or <c>.p12</c>).</summary>
    public string Path { get; set; } = string.Empty;

    /// <summary>Gets or sets the path of a PEM file with the private key, if it is separate.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Gets or sets the password of a PFX file.</summary>
    public string? Password { get; set; }

    /// <summary>Gets or sets how often the files are checked; see <see cref="WatchedCertificateOptions.Interval"/>.</summary>
    public TimeSpan Interval { get; set; } = WatchedCertificateOptions.DefaultInterval;

    internal bool IsPfx => CertificateFiles.IsPfx(Path);
}
