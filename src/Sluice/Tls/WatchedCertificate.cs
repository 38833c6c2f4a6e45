using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Scheduling;
using Sluice.Tls;

namespace Sluice;

/// <summary>
/// A certificate and its key in files that somebody renews. The files are read again and again and their contents compared, which
/// notices every way to replace them: writing, renaming, and links that point elsewhere.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class WatchedCertificate : IDisposable
{
    private readonly CertificateSource _source;
    private readonly WatchedCertificateOptions _options;
    private readonly ITimer _timer;
    private volatile SslStreamCertificateContext _context;
    private byte[] _fingerprint;
    private int _looking;

    private WatchedCertificate(CertificateSource source, WatchedCertificateOptions? options)
    {
        _source = source;
        _options = options ?? new WatchedCertificateOptions();
        byte[] contents = source.Read();
        _fingerprint = SHA256.HashData(contents);
        _context = source.Parse();
        _timer = Timers.Create(_options.TimeProvider, Look, _options.Interval, _options.Interval);
    }

    /// <summary>What is in use now. It does not belong to the caller.</summary>
    public X509Certificate2 Certificate => _context.TargetCertificate;

    /// <summary>The same, with what the file has of its chain, for <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/>.</summary>
    public SslStreamCertificateContext Context => _context;

    /// <summary>Reads a certificate from PEM files (RFC 7468) and watches them.</summary>
    /// <param name="certificatePath">The certificate, followed by the intermediate ones of its chain, if there are.</param>
    /// <param name="keyPath">The private key, not encrypted. Null if it is in the same file.</param>
    /// <param name="options">How it is watched; null for the defaults.</param>
    /// <returns>The certificate.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">A file is no PEM, or the key is not that of the certificate.</exception>
    public static WatchedCertificate FromPem(string certificatePath, string? keyPath = null, WatchedCertificateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificatePath);
        return new WatchedCertificate(new PemSource(certificatePath, keyPath), options);
    }

    /// <summary>Reads a certificate from a PFX file (PKCS #12) and watches it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="password">What it is encrypted with; null for nothing.</param>
    /// <param name="options">How it is watched; null for the defaults.</param>
    /// <returns>The certificate.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="CryptographicException">The file is no PFX, has no private key, or the password is wrong.</exception>
    public static WatchedCertificate FromPfx(string path, string? password = null, WatchedCertificateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new WatchedCertificate(new PfxSource(path, password), options);
    }

    /// <summary>Stops watching. What is in use stays in use.</summary>
    public void Dispose() => _timer.Dispose();

    // Never fails: nobody would hear of it.
    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        try
        {
            byte[] fingerprint = SHA256.HashData(_source.Read());
            if (!fingerprint.AsSpan().SequenceEqual(_fingerprint))
            {
                // The one before is left to the garbage collector: handshakes may be using it.
                _context = _source.Parse();
                _fingerprint = fingerprint;
                _options.OnReloaded?.Invoke(this);
            }
        }
        catch (Exception exception)
        {
            Tell(exception);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void Tell(Exception exception)
    {
        try
        {
            _options.OnError?.Invoke(exception);
        }
        catch (Exception)
        {
            // Its own affair.
        }
    }
}
