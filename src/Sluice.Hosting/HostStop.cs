using Microsoft.Extensions.Hosting;

namespace Sluice.Hosting;

/// <summary>Says since when the host stops, on the clock of its selector. The servers of a host share it, so that their delays run at the same time.</summary>
internal sealed class HostStop
{
    // A boxed timestamp; null: the host does not stop. Written once, with Interlocked. No number can stand for null, because a clock may begin at any.
    private object? _since;

    public HostStop(IHostApplicationLifetime lifetime, SelectorManager selector)
    {
        TimeProvider = selector.Sockets.TimeProvider;
        lifetime.ApplicationStopping.UnsafeRegister(static stop => ((HostStop)stop!).Begin(), this);
    }

    public TimeProvider TimeProvider { get; }

    public bool HasBegun => Volatile.Read(ref _since) is not null;

    public TimeSpan Elapsed => Volatile.Read(ref _since) is long since ? TimeProvider.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Notes the beginning. A stop of the host itself calls its services before it cancels <see cref="IHostApplicationLifetime.ApplicationStopping"/>.</summary>
    public void Begin() => Interlocked.CompareExchange(ref _since, TimeProvider.GetTimestamp(), null);
}
