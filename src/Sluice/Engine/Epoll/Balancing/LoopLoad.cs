using System.Diagnostics;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll.Balancing;

/// <summary>How busy a loop was of late, as <see cref="LoopBalancer"/> sees it. Used by the monitor alone.</summary>
internal sealed class LoopLoad(EpollLoop loop)
{
    private const double SaturatedFrom = 0.9;

    // Reading a file takes longer than everything else here.
    private static readonly long s_delayWindow = Stopwatch.Frequency / 10;

    private readonly RunDelay _delay = new();
    private long _sinceDelay;
    private long _idleThen;
    private long _continuationsThen;
    private int _saturatedWindows;

    public EpollLoop Loop => loop;

    /// <summary>The share of the time that the loop neither slept nor spun, averaged over the last windows.</summary>
    public double Busy { get; private set; }

    /// <summary>The share of the last tenths of a second that the loop's thread was ready to run and had no processor.</summary>
    public double Contention { get; private set; }

    public bool IsSaturated => _saturatedWindows >= 2;

    /// <summary>Measures the window since the last call.</summary>
    /// <returns>Continuations run per tick.</returns>
    public double Measure(long now, long elapsed)
    {
        long idle = loop.Statistics.SleptUntil(now) + loop.Spun;
        double busy = Math.Clamp(1 - ((double)(idle - _idleThen) / elapsed), 0, 1);
        _idleThen = idle;
        Busy = (0.5 * Busy) + (0.5 * busy);
        _saturatedWindows = busy >= SaturatedFrom ? _saturatedWindows + 1 : 0;
        _sinceDelay += elapsed;
        if (_sinceDelay >= s_delayWindow)
        {
            Contention = (0.5 * Contention) + (0.5 * (Busy < 0.1 ? 0 : _delay.Measure(loop.ThreadId, _sinceDelay)));
            _sinceDelay = 0;
        }

        long continuations = loop.Continuations;
        long ran = continuations - _continuationsThen;
        _continuationsThen = continuations;
        return (double)ran / elapsed;
    }
}
