namespace Sluice.Tls;

/// <summary>
/// Excludes <see cref="System.Net.Security.SslStream.ShutdownAsync"/> and the session's disposal while records are read. The framework locks reads and writes
/// of records, but not the shutdown, which uses the same OpenSSL session: at the same time, they corrupt its memory.
/// </summary>
/// <remarks>
/// A read holds the lock while it may use the session: from its start until it waits for bytes, and from their arrival to its end. A shutdown never waits for
/// a read that waits for its peer, and takes only as long as the creation of one alert.
/// </remarks>
internal sealed class SslSessionLock
{
    // 1 while the lock is held. All three are exchanged with Interlocked.
    private int _taken;
    private Action? _shutdown;
    private Action? _dispose;

    /// <summary>Takes the lock for a read that uses the session. Spins while a shutdown or a disposal runs.</summary>
    public void Enter()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
        {
            spin.SpinOnce();
        }
    }

    /// <summary>Releases the lock when a read waits for bytes, or has ended.</summary>
    public void Exit()
    {
        Interlocked.Exchange(ref _taken, 0);
        RunPending();
    }

    /// <summary>Runs the shutdown at once, or when the read that holds the lock releases it. It must not throw.</summary>
    public void Shutdown(Action shutdown)
    {
        Interlocked.Exchange(ref _shutdown, shutdown);
        RunPending();
    }

    /// <summary>Runs the disposal at once, or when the lock is released, after a pending shutdown. It must not throw.</summary>
    public void Dispose(Action dispose)
    {
        Interlocked.Exchange(ref _dispose, dispose);
        RunPending();
    }

    // Checks again after it has released the lock: another caller may have found the lock taken, and left its action to this one.
    private void RunPending()
    {
        while ((Volatile.Read(ref _shutdown) ?? Volatile.Read(ref _dispose)) is not null && Interlocked.CompareExchange(ref _taken, 1, 0) == 0)
        {
            try
            {
                Interlocked.Exchange(ref _shutdown, null)?.Invoke();
                Interlocked.Exchange(ref _dispose, null)?.Invoke();
            }
            finally
            {
                Interlocked.Exchange(ref _taken, 0);
            }
        }
    }
}
