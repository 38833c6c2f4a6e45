using System.Net;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Testing.Kernel;

namespace Sluice.Testing.Sockets;

/// <summary>A listening socket of a simulated host.</summary>
/// <typeparam name="T">The type of the connections in the kernel.</typeparam>
/// <param name="engine">The engine.</param>
/// <param name="options">The options of the socket.</param>
/// <param name="start">Makes the transport of a connection.</param>
internal sealed class SimulatedListener<T>(SimulatedEngine engine, SimulatedSocketOptions options, Func<T, SimulatedStream> start)
    : ListenerTransport(engine, engine.Scheduler)
    where T : class, IStreamSocket
{
    // Set by Listen, before the transport is handed out.
    private IListenerSocket<T>? _socket;

    public override EndPoint LocalEndPoint => EndPointCopy.Of(_socket!.Local);

    public override IOptionTarget Options => options;

    /// <summary>Listens. The parameter gets what is to be called when there is a connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The host refuses.</exception>
    public void Listen(Func<Action, IListenerSocket<T>> listen)
    {
        _socket = listen(AcceptReadiness.Set);
        try
        {
            Enlist();
        }
        catch
        {
            CloseSocket();
            throw;
        }
    }

    public override StreamTransport? TryAcceptNow() => AcceptReadiness.IsClosed ? null : Accept();

    protected override StreamTransport? TryAccept()
    {
        if (LoopTurn.IsBudgetSpent || !AcceptReadiness.TryConsume())
        {
            return null;
        }

        LoopTurn.ConsumeBudget();
        bool isMore = true;
        try
        {
            StreamTransport? stream = Accept();
            isMore = stream is not null;
            return stream;
        }
        finally
        {
            // Re-arm, after an exception as well: more may be queued.
            if (isMore)
            {
                AcceptReadiness.Set();
            }
        }
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(CloseSocket);
        options.Close();
    }

    private void CloseSocket() => _socket!.Close();

    private SimulatedStream? Accept()
    {
        engine.CheckThread();
        return _socket!.TryAccept() is { } connection ? start(connection) : null;
    }
}
