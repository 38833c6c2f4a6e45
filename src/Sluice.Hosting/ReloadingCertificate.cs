using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Sluice.Hosting;

/// <summary>The certificate of an end point, from the files that the current options name.</summary>
internal sealed class ReloadingCertificate(string endPoint, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();

    // Under _lock, these two.
    private (string Path, string? KeyPath, string? Password, TimeSpan Interval)? _key;
    private bool _disposed;
    private volatile WatchedCertificate? _watched;

    public SslStreamCertificateContext Context => _watched!.Context;

    /// <summary>Reads the files, if the options name others than before.</summary>
    public void Load(SocketCertificateOptions options)
    {
        // The logger is the user's, so it is called outside the lock, which Dispose takes.
        if (Replace(options) is { } certificate)
        {
            logger.CertificateReloaded(endPoint, certificate.Subject, certificate.NotAfter);
        }
    }

    /// <summary>Ends the watch. A change of the options that is under way may call <see cref="Load"/> once more, which then watches no file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _watched?.Dispose();
        }
    }

    // Returns the new certificate; null if it is the first one, or none is new.
    private X509Certificate2? Replace(SocketCertificateOptions options)
    {
        lock (_lock)
        {
            var key = (options.Path, options.KeyPath, options.Password, options.Interval);
            if (key == _key || _disposed)
            {
                return null;
            }

            WatchedCertificate next = Watch(options);
            bool isFirst = _watched is null;
            _watched?.Dispose();
            _watched = next;
            _key = key;
            return isFirst ? null : next.Certificate;
        }
    }

    private WatchedCertificate Watch(SocketCertificateOptions options)
    {
        var watching = new WatchedCertificateOptions
        {
            Interval = options.Interval,
            OnReloaded = watched => logger.CertificateReloaded(endPoint, watched.Certificate.Subject, watched.Certificate.NotAfter),
            OnError = exception => logger.CertificateUnusable(endPoint, exception),
        };
        return options.IsPfx
            ? WatchedCertificate.FromPfx(options.Path, options.Password, watching)
            : WatchedCertificate.FromPem(options.Path, options.KeyPath is { Length: > 0 } path ? path : null, watching);
    }
}
