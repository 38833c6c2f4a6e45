using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Scheduling;
using Sluice.Tls;

namespace Sluice;

/// <summary>
/// Represents a certificate and its key in files that are renewed. The files are read and compared at an interval, which detects every way to replace them:
/// overwriting, renaming, and changed links. A pipe is read once. A file has at most 16 MiB.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class WatchedCertificate : IDisposable
{
    private readonly CertificateSource _source;
    private readonly WatchedCertificateOptions _options;
    private readonly ITimer? _timer;
    private volatile SslStreamCertificateContext _context;
    private byte[] _fingerprint;
    private int _reloading;

    private WatchedCertificate(CertificateSource source, WatchedCertificateOptions? options)
    {
        _source = source;
        _options = options ?? new WatchedCertificateOptions();
        byte[] contents = source.Read();
        _fingerprint = SHA256.HashData(contents);
        _context = source.Parse();
        _timer = source.IsPipe ? null : Timers.Create(_options.TimeProvider, Reload, _options.Interval, _options.Interval);
    }

    /// <summary>Gets the current certificate. The caller does not own it.</summary>
    public X509Certificate2 Certificate => _context.TargetCertificate;

    /// <summary>Gets the current certificate with the chain in the file, for <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/>.</summary>
    public SslStreamCertificateContext Context => _context;

    /// <summary>Reads a certificate from PEM files (RFC 7468) and watches them.</summary>
    /// <param name="certificatePath">The file of the certificate, followed by the intermediate certificates of its chain, if there are any.</param>
    /// <param name="keyPath">The file of the private key, not encrypted. Null if the key is in the same file.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The certificate.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">A file is not a PEM file, or the key does not match the certificate.</exception>
    public static WatchedCertificate FromPem(string certificatePath, string? keyPath = null, WatchedCertificateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificatePath);
        return new WatchedCertificate(new PemSource(certificatePath, keyPath), options);
    }

    /// <summary>Reads a certificate from a PFX file (PKCS #12) and watches it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="password">The password of the file; null for none.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The certificate.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="CryptographicException">The file is not a PFX file, has no private key, or the password is wrong.</exception>
    public static WatchedCertificate FromPfx(string path, string? password = null, WatchedCertificateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new WatchedCertificate(new PfxSource(path, password), options);
    }

    /// <summary>Stops watching the files. The current certificate stays in use.</summary>
    public void Dispose() => _timer?.Dispose();

    // Never fails: no caller would see the exception.
    private void Reload()
    {
        if (Interlocked.Exchange(ref _reloading, 1) != 0)
        {
            return;
        }

        try
        {
            byte[] fingerprint = SHA256.HashData(_source.Read());
            if (!fingerprint.AsSpan().SequenceEqual(_fingerprint))
            {
                // The previous certificate is not disposed of: handshakes may be using it.
                _context = _source.Parse();
                _fingerprint = fingerprint;
                _options.OnReloaded?.Invoke(this);
            }
        }
        catch (Exception exception)
        {
            ReportError(exception);
        }
        finally
        {
            Volatile.Write(ref _reloading, 0);
        }
    }

    private void ReportError(Exception exception)
    {
        try
        {
            _options.OnError?.Invoke(exception);
        }
        catch (Exception)
        {
            // An exception of the error callback cannot be reported.
        }
    }
}
