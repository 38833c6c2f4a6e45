namespace Sluice.Tls;

/// <summary>
/// Keeps <see cref="System.Net.Security.SslStream.ShutdownAsync"/> and the session's disposal apart from what reads records. The framework
/// has a lock for reading and writing them, and does not take it for the shutdown, which uses the same session of OpenSSL: run at the same
/// time, they damage its memory.
/// </summary>
/// <remarks>
/// A read has the turn while it may be in the session: from its beginning to where it waits for bytes, and from where they come to its end.
/// A shutdown never waits for one that waits for its peer, and is as short as making one alert is.
/// </remarks>
internal sealed class SslSessionLock
{
    private int _taken;
    private Action? _shutdown;
    private Action? _dispose;

    /// <summary>A read goes on. Waits for a shutdown that is just being made.</summary>
    public void Enter()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
        {
            spin.SpinOnce();
        }
    }

    /// <summary>A read waits for bytes, or has ended.</summary>
    public void Exit()
    {
        Interlocked.Exchange(ref _taken, 0);
        RunPending();
    }

    /// <summary>Runs it at once, or when the read that has the turn gives it back. It must not throw.</summary>
    public void Shutdown(Action shutdown)
    {
        Interlocked.Exchange(ref _shutdown, shutdown);
        RunPending();
    }

    /// <summary>As <see cref="Shutdown"/>, after a shutdown that is pending.</summary>
    public void Dispose(Action dispose)
    {
        Interlocked.Exchange(ref _dispose, dispose);
        RunPending();
    }

    // Looks again after it has given the turn back: another caller may have found the turn taken by this one, and left.
    private void RunPending()
    {
        while ((Volatile.Read(ref _shutdown) ?? Volatile.Read(ref _dispose)) is not null && Interlocked.CompareExchange(ref _taken, 1, 0) == 0)
        {
            Interlocked.Exchange(ref _shutdown, null)?.Invoke();
            Interlocked.Exchange(ref _dispose, null)?.Invoke();
            Interlocked.Exchange(ref _taken, 0);
        }
    }
}
