using System.Net.Security;
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
        lock (_lock)
        {
            var key = (options.Path, options.KeyPath, options.Password, options.Interval);
            if (key == _key || _disposed)
            {
                return;
            }

            var watching = new WatchedCertificateOptions
            {
                Interval = options.Interval,
                OnReloaded = watched => logger.CertificateReloaded(endPoint, watched.Certificate.Subject, watched.Certificate.NotAfter),
                OnError = exception => logger.CertificateUnusable(endPoint, exception),
            };
            WatchedCertificate next = options.IsPfx
                ? WatchedCertificate.FromPfx(options.Path, options.Password, watching)
                : WatchedCertificate.FromPem(options.Path, options.KeyPath is { Length: > 0 } path ? path : null, watching);
            _watched?.Dispose();
            bool isFirst = _watched is null;
            _watched = next;
            _key = key;
            if (!isFirst)
            {
                logger.CertificateReloaded(endPoint, next.Certificate.Subject, next.Certificate.NotAfter);
            }
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
}
