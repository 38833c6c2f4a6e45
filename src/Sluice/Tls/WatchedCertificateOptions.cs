using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a <see cref="WatchedCertificate"/>.</summary>
public sealed class WatchedCertificateOptions
{
    /// <summary>The default of <see cref="Interval"/>: 10 seconds.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the interval at which the files are read and compared. Default: <see cref="DefaultInterval"/>.</summary>
    public TimeSpan Interval
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = DefaultInterval;

    /// <summary>Gets or sets the callback for a new certificate, called on the thread pool when it is in use. An exception is passed to <see cref="OnError"/>. Default: null.</summary>
    public Action<WatchedCertificate>? OnReloaded { get; set; }

    /// <summary>
    /// Gets or sets the callback for errors, for instance when the files are only half written. The previous certificate stays in use, and the files are read
    /// again after <see cref="Interval"/>. Default: null.
    /// </summary>
    public Action<Exception>? OnError { get; set; }

    /// <summary>Gets or sets the clock. Default: the system's.</summary>
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
