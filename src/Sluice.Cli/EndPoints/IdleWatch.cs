namespace Sluice.Cli.EndPoints;

/// <summary>
/// Ends what serves a connection over which no bytes have passed for too long, in either direction: a client that only receives is not idle, and so is one that
/// only sends. The end is late by up to half of the time, and never early.
/// </summary>
internal sealed class IdleWatch : IDisposable
{
    // A timer does not repeat after less.
    private static readonly TimeSpan s_leastPeriod = TimeSpan.FromMilliseconds(1);

    // Null without an end: most connections have none, and need no source.
    private readonly CancellationTokenSource? _ending;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _clock;
    private readonly Func<long> _count;
    private readonly ITimer? _timer;

    // Written by the timer and by the tasks that hold bytes back.
    private long _last;

    // Of the timer.
    private long _seen;

    private volatile bool _hasEnded;

    /// <param name="idle">The time; null for no end.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="count">Counts the bytes of both directions so far. Called by a timer.</param>
    /// <param name="cancellationToken">Ends what serves the connection for another reason.</param>
    public IdleWatch(TimeSpan? idle, TimeProvider clock, Func<long> count, CancellationToken cancellationToken)
    {
        _idle = idle ?? Timeout.InfiniteTimeSpan;
        (_clock, _count, Token) = (clock, count, cancellationToken);
        _last = clock.GetTimestamp();
        if (idle is { } time)
        {
            _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Token = _ending.Token;
            _timer = clock.CreateTimer(_ => Look(), null, PeriodOf(time), PeriodOf(time));
        }
    }

    /// <summary>Gets how often to look whether a time without bytes has passed.</summary>
    public static TimeSpan PeriodOf(TimeSpan idle) => idle / 4 > s_leastPeriod ? idle / 4 : s_leastPeriod;

    /// <summary>Gets the token of what serves the connection.</summary>
    public CancellationToken Token { get; }

    /// <summary>Gets a value indicating whether the connection was idle for too long.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Creates the failure of a connection that was idle for too long.</summary>
    public IOException CreateFailure()
    {
        string message = $"idle for {_idle.TotalSeconds} s";
        return new IOException(message, new TimeoutException(message));
    }

    /// <summary>Counts bytes as passing until a time, for which this process holds them back.</summary>
    public void HoldUntil(long time)
    {
        long last;
        while (time > (last = Volatile.Read(ref _last)) && Interlocked.CompareExchange(ref _last, time, last) != last)
        {
            // Another task holds bytes back, too.
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _ending?.Dispose();
    }

    private void Look()
    {
        long now = _clock.GetTimestamp();
        long count = _count();
        if (count != _seen)
        {
            _seen = count;
            HoldUntil(now);
        }
        else if (_clock.GetElapsedTime(Volatile.Read(ref _last), now) >= _idle)
        {
            _hasEnded = true;
            TryCancel();
        }
    }

    private void TryCancel()
    {
        try
        {
            _ending!.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended by itself.
        }
    }
}
