namespace Sluice.Scheduling;

/// <summary>Computes the pauses between attempts: each is twice the one before, up to a limit.</summary>
internal struct Backoff(TimeSpan first, TimeSpan longest)
{
    private TimeSpan _last;

    /// <summary>Gets the pause before the next attempt.</summary>
    public TimeSpan Next() => _last = _last == TimeSpan.Zero ? first : _last * 2 < longest ? _last * 2 : longest;

    /// <summary>Starts again with the first pause, after an attempt that succeeded.</summary>
    public void Reset() => _last = TimeSpan.Zero;
}
