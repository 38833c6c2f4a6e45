using Sluice.Engine.Epoll.Balancing;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollLoop
{
    // Set by the balancer, carried out by the loop.
    private MoveOrder? _order;

    private long _moves;

    // Continuations run so far. The loop writes, the balancer reads.
    private long _continuations;

    /// <summary>Continuations run so far: the balancer's measure of the work done.</summary>
    public long Continuations => Volatile.Read(ref _continuations);

    /// <summary>Connections that this loop has moved to another so far.</summary>
    public long Moves => Volatile.Read(ref _moves);

    /// <summary>The kernel's number of the thread that runs the loop.</summary>
    public int ThreadId { get; private set; }

    /// <summary>Time spent spinning so far, in ticks of the stopwatch.</summary>
    public long Spun => _spin.Spun;

    /// <summary>Replaces the order to move connections; null for none.</summary>
    public void SetOrder(MoveOrder? order) => Volatile.Write(ref _order, order);

    /// <summary>Registers a connection that is registered with another loop.</summary>
    /// <returns>False if the kernel refuses: the connection stays where it is.</returns>
    public bool TryRegisterMoved(SocketHandle socket, EpollStream stream)
    {
        try
        {
            Register(socket, stream);
            return true;
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Forgets a connection that is registered with another loop by now.</summary>
    /// <param name="socket">The descriptor.</param>
    /// <param name="eventData">What the connection was registered under here.</param>
    public void UnregisterMoved(SocketHandle socket, ulong eventData)
    {
        _slots.Release(eventData);
        Remove(socket);
    }

    // A moved connection's event is not dispatched here: registering it with the other loop reports the same readiness there (epoll_ctl(2)).
    private bool TryMove(MoveOrder order, IEpollHandler? handler)
    {
        bool moved = handler is EpollStream stream && order.Takes(stream) && stream.TryMove(order.Target);
        _moves += moved ? 1 : 0;
        return moved;
    }
}
