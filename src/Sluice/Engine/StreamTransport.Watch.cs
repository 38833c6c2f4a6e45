using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Engine;

internal abstract partial class StreamTransport
{
    private const int Ended = 1;
    private const int Gone = 2;

    // Both exchanged, and read by the other side after that.
    private IRunnable? _peerWatch;
    private int _peerState;

    /// <summary>Whether <see cref="WatchPeer"/> works: the system reports the peer's end before the reader has read up to it.</summary>
    public virtual bool CanWatchPeer => false;

    /// <summary>Whether the system has reported that the connection has ended in both directions.</summary>
    public bool IsPeerGone => Volatile.Read(ref _peerState) == Gone;

    /// <summary>
    /// Runs <paramref name="watch"/> on the scheduler when the peer has ended its output, and when the connection has ended, also while no caller reads.
    /// A waiting reader's continuation runs first. Called once.
    /// </summary>
    public void WatchPeer(IRunnable watch)
    {
        // Writes the watch first and reads the state second. OnPeerEvent does it in the other order, so one of the two sees the other.
        Interlocked.Exchange(ref _peerWatch, watch);
        if (Volatile.Read(ref _peerState) != 0)
        {
            Scheduler.Schedule(watch);
        }
    }

    /// <summary>
    /// Gets the socket as one of the framework, for calls that only it has. The caller must not read, write or close it. It is closed with the
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
