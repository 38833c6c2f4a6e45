using Sluice.Options;

namespace Sluice;

/// <summary>How a <see cref="WatchedCertificate"/> looks after its files.</summary>
public sealed class WatchedCertificateOptions
{
    /// <summary>The default of <see cref="Interval"/>: 10 seconds.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    /// <summary>How often the files are read and compared. Default: <see cref="DefaultInterval"/>.</summary>
    public TimeSpan Interval
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = DefaultInterval;

    /// <summary>Called when a new certificate is in use, on the thread pool. What it throws is lost. Default: null.</summary>
    public Action<WatchedCertificate>? OnReloaded { get; set; }

    /// <summary>
    /// Called when the files have changed and are no certificate with its key: half written, for one. The one before stays in use, and the
    /// files are looked at again after <see cref="Interval"/>. Default: null.
    /// </summary>
    public Action<Exception>? OnError { get; set; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = TimeProvider.System;
}
