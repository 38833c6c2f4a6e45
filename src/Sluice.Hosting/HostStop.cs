using Microsoft.Extensions.Hosting;

namespace Sluice.Hosting;

/// <summary>Says since when the host stops. The servers of a host share it, so that their delays run at the same time.</summary>
internal sealed class HostStop
{
    // Written once, with Interlocked. 0: the host does not stop.
    private long _since;

    public HostStop(IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStopping.UnsafeRegister(static stop => ((HostStop)stop!).Begin(), this);

    public bool HasBegun => Volatile.Read(ref _since) != 0;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _since));

    /// <summary>Notes the beginning. A stop of the host itself calls its services before it cancels <see cref="IHostApplicationLifetime.ApplicationStopping"/>.</summary>
    public void Begin() => Interlocked.CompareExchange(ref _since, TimeProvider.System.GetTimestamp(), 0);
}
