using Microsoft.Extensions.Hosting;

namespace Sluice.Hosting;

/// <summary>Says since when the host stops, on the clock of its selector. The servers of a host share it, so that their delays run at the same time.</summary>
internal sealed class HostStop
{
    // Stands for a time that the clock, which may be the user's, did not say.
    private static readonly object s_unknown = new();

    // A boxed timestamp, or s_unknown; null: the host does not stop. Written once, with Interlocked. No number can stand for null, because a clock may begin at any.
    private object? _since;

    public HostStop(IHostApplicationLifetime lifetime, SelectorManager selector)
    {
        TimeProvider = selector.Sockets.TimeProvider;
        lifetime.ApplicationStopping.UnsafeRegister(static stop => ((HostStop)stop!).Begin(), this);
    }

    public TimeProvider TimeProvider { get; }

    public bool HasBegun => Volatile.Read(ref _since) is not null;

    /// <summary>Gets the time since the host began to stop; zero if the clock throws, so that no delay is shorter than it should be.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            try
            {
                return Volatile.Read(ref _since) is long since ? TimeProvider.GetElapsedTime(since) : TimeSpan.Zero;
            }
            catch (Exception)
            {
                return TimeSpan.Zero;
            }
        }
    }

    /// <summary>Notes the beginning. A stop of the host itself calls its services before it cancels <see cref="IHostApplicationLifetime.ApplicationStopping"/>.</summary>
    public void Begin()
    {
        if (!HasBegun)
        {
            Interlocked.CompareExchange(ref _since, Now(), null);
        }
    }

    private object Now()
    {
        try
        {
            return TimeProvider.GetTimestamp();
        }
        catch (Exception)
        {
            return s_unknown;
        }
    }
}
