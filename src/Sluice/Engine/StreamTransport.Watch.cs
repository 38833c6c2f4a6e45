using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Engine;

internal abstract partial class StreamTransport
{
    private IRunnable? _peerWatch;
    private int _peerGone;

    /// <summary>Whether <see cref="WatchPeer"/> works here: the system tells of the peer's end to whom has not read so far, too.</summary>
    public virtual bool CanWatchPeer => false;

    /// <summary>
    /// Has <paramref name="watch"/> run on the scheduler, once, when the peer has ended or is gone, though nobody may read; behind the reader's
    /// continuation. Called once.
    /// </summary>
    public void WatchPeer(IRunnable watch)
    {
        // Leave word first and look second; the event does it the other way round.
        Interlocked.Exchange(ref _peerWatch, watch);
        if (Volatile.Read(ref _peerGone) != 0)
        {
            TellPeerWatch();
        }
    }

    /// <summary>The socket as the framework's, for what it alone can do. Not to be read, written or closed through it.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public abstract Socket OpenSocketView();

    protected void PeerIsGone()
    {
        if (Interlocked.Exchange(ref _peerGone, 1) == 0)
        {
            TellPeerWatch();
        }
    }

    private void TellPeerWatch()
    {
        if (Interlocked.Exchange(ref _peerWatch, null) is { } watch)
        {
            Scheduler.Schedule(watch);
        }
    }
}
