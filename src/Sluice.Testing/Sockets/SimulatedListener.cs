using System.Net;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Sockets;

/// <summary>A listening socket of a simulated host.</summary>
internal sealed class SimulatedListener(SimulatedEngine engine, SimulatedSocketOptions options, StreamSocketOptions accepted)
    : ListenerTransport(engine, engine.Scheduler)
{
    // Set by Listen, before the transport is handed out.
    private TcpListener? _socket;

    public override EndPoint LocalEndPoint => _socket!.Local;

    public override IOptionTarget Options => options;

    /// <exception cref="System.Net.Sockets.SocketException">The host refuses.</exception>
    public void Listen(TcpStack tcp, IPEndPoint endPoint, int backlog) => _socket = tcp.Listen(endPoint, options.Settings, backlog, AcceptReadiness.Set);

    public override StreamTransport? TryAcceptNow() => AcceptReadiness.IsClosed ? null : Accept();

    /// <summary>Closes the socket of a listener that is in no list of transports.</summary>
    public void CloseSocket() => _socket!.Close();

    protected override StreamTransport? TryAccept()
    {
        if (LoopTurn.IsBudgetSpent || !AcceptReadiness.TryConsume())
        {
            return null;
        }

        LoopTurn.ConsumeBudget();
        StreamTransport? stream = Accept();
        if (stream is not null)
        {
            // Re-arm: more may be queued.
            AcceptReadiness.Set();
        }

        return stream;
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(CloseSocket);
    }

    private SimulatedStream? Accept()
    {
        engine.CheckThread();
        if (_socket!.TryAccept() is not { } connection)
        {
            return null;
        }

        var target = new SimulatedSocketOptions(options, connection.Settings);
        accepted.RareOptions?.ApplyToAccepted(target, inherited: true);
        return engine.Start(connection, target, accepted);
    }
}
