namespace Sluice.Engine.Epoll.Balancing;

/// <summary>Tells a loop to move connections to another loop as their events arrive, so that only busy connections cost a move.</summary>
/// <remarks>The loop that carries out the order is the only one to call <see cref="Takes"/>.</remarks>
/// <param name="target">The loop that the connections go to.</param>
/// <param name="share">The share of the connections with events to move, above 0 and at most 1.</param>
/// <param name="repeats">Whether a connection is considered again at each of its events, which only tests ask for.</param>
internal sealed class MoveOrder(EpollLoop target, double share, bool repeats = false)
{
    private static int s_last;

    private readonly int _number = Interlocked.Increment(ref s_last);
    private double _credit;

    public EpollLoop Target => target;

    /// <summary>Decides once for each connection whether it moves.</summary>
    public bool Takes(EpollStream stream)
    {
        if (!repeats && stream.LastMoveOrder == _number)
        {
            return false;
        }

        stream.LastMoveOrder = _number;
        _credit += share;
        if (_credit < 1)
        {
            return false;
        }

        _credit--;
        return true;
    }
}
