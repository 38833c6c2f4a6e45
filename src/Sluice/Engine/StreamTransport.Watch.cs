using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Engine;

internal abstract partial class StreamTransport
{
    private const int Ended = 1;
    private const int Gone = 2;

    private IRunnable? _peerWatch;
    private int _peerState;

    /// <summary>Whether <see cref="WatchPeer"/> works here: the system tells of the peer's end to whom has not read so far, too.</summary>
    public virtual bool CanWatchPeer => false;

    /// <summary>Whether the system has said that the connection is over, in both directions.</summary>
    public bool IsPeerGone => Volatile.Read(ref _peerState) == Gone;

    /// <summary>
    /// Has <paramref name="watch"/> run on the scheduler when the peer has ended, and when it is gone, though nobody may read; behind the
    /// reader's continuation. Called once.
    /// </summary>
    public void WatchPeer(IRunnable watch)
    {
        // Leave word first and look second; the event does it the other way round.
        Interlocked.Exchange(ref _peerWatch, watch);
        if (Volatile.Read(ref _peerState) != 0)
        {
            Scheduler.Schedule(watch);
        }
    }

    /// <summary>
    /// The socket as the framework's, for what it alone can do. Not to be read, written or closed through it. It is closed with the
    /// connection: from then on its members throw <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public abstract Socket OpenSocketView();

    protected void OnPeerEvent(bool gone)
    {
        int state = gone ? Gone : Ended;
        if (Volatile.Read(ref _peerState) >= state)
        {
            return;
        }

        Interlocked.Exchange(ref _peerState, state);
        if (Volatile.Read(ref _peerWatch) is { } watch)
        {
            Scheduler.Schedule(watch);
        }
    }
}
