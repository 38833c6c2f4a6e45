using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Engine;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Testing.Kernel;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Tcp;
using Sluice.Testing.Udp;
using Sluice.Testing.Unix;

namespace Sluice.Testing.Sockets;

/// <summary>The engine of a simulated host.</summary>
#pragma warning disable CA1001 // StopAsync disposes of the deadlines.
internal sealed partial class SimulatedEngine(SelectorOptions options, ILogger logger, Domain domain, TcpStack tcp, UdpStack udp, UnixStack unix)
    : SocketEngine(logger, options.TimeProvider)
#pragma warning restore CA1001
{
    private readonly Deadlines _connectDeadlines = new(options.TimeProvider);

    public override SelectorEngine Kind => SelectorEngine.Simulated;

    public override IEnumerable<IScheduler> Schedulers => [Scheduler];

    public override TimeProvider KernelTime => domain.Clock;

    public IScheduler Scheduler => domain;

    /// <summary>Gets the time limits of connects.</summary>
    public Deadlines ConnectDeadlines => _connectDeadlines;

    public override ListenerTransport Bind(EndPoint endPoint, TcpListenerOptions options)
    {
        CheckThread();
        var target = new SimulatedSocketOptions(endPoint.AddressFamily);
        target.Apply(options);
        options.Accepted.RareOptions?.Apply(target);
        target.ApplyStream(options.Accepted);

        // A copy, because the callback may have kept a reference to the options.
        var accepted = new StreamSocketOptions(options.Accepted);
        var listener = new SimulatedListener<TcpConnection>(this, target, connection =>
        {
            var own = new SimulatedSocketOptions(target, connection.Settings);
            own.ApplyBuffers(accepted);
            own.SetIfGiven(SocketOption.TypeOfService, accepted.TypeOfService);
            accepted.RareOptions?.ApplyToAccepted(own, inherited: true);
            return Start(connection, own, accepted);
        });
        try
        {
            listener.Listen(onConnection => tcp.Listen(CheckFamily(endPoint), target.Settings, options.Backlog, onConnection));
            return listener;
        }
        catch (SocketException exception)
        {
            throw SocketErrors.At(exception.SocketErrorCode, "Binding to", endPoint);
        }
    }

    public override async Task<StreamTransport> ConnectAsync(EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        CheckThread();
        var target = new SimulatedSocketOptions(endPoint.AddressFamily);
        target.Apply(options);
        target.ApplyStream(options);
        SimulatedStream stream = Start(BeginConnect(endPoint, options.LocalEndPoint, target), target, options);
        try
        {
            await stream.WaitConnectedAsync(endPoint, options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
            SelfConnection.ThrowIf(stream.LocalEndPoint, stream.RemoteEndPoint, stream);
            return stream;
        }
        catch
        {
            stream.Close();
            throw;
        }
    }

    public override DatagramTransport OpenDatagram(AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options)
    {
        CheckThread();
        var target = new SimulatedSocketOptions(family);
        target.Settings.ReceiveBufferSize = TcpSettings.DatagramReceiveBuffer;
        UdpFlags.SetDefaults(target, family);
        target.Apply(options);
        if (options is UdpSocketOptions udpOptions)
        {
            target.Apply(family, udpOptions);
        }

        IPEndPoint? peer = remote is IPEndPoint given ? LocalPorts.ToDestination(given) : null;
        var datagram = new SimulatedDatagram(this, target, peer, options);
        try
        {
            var flags = new UdpFlags(target, family, () => datagram.MulticastInterface);
            datagram.Open((onReceivable, _) => udp.Open(local as IPEndPoint, peer, target.Settings, flags, onReceivable));
            return datagram;
        }
        catch (SocketException exception)
        {
            throw SocketErrors.At(exception.SocketErrorCode, local is null ? "Connecting to" : "Binding to", local ?? remote!);
        }
    }

    /// <summary>Fails the run if this is not the thread of the simulation.</summary>
    public void CheckThread()
    {
        if (domain.IsAlive && !domain.Loop.IsOnThread)
        {
            throw domain.Loop.ReportEscape($"another thread uses a socket of '{domain.Name}'");
        }
    }

    /// <summary>Makes the transport of a connection.</summary>
    public SimulatedStream Start(IStreamSocket connection, SimulatedSocketOptions target, StreamSocketOptions options)
    {
        var stream = new SimulatedStream(this, connection, target, options);
        try
        {
            stream.Enlist();
            return stream;
        }
        catch
        {
            connection.Reset();
            throw;
        }
    }

    public override Task StopAsync(DisposalSteps steps)
    {
        steps.Run(_connectDeadlines.Dispose);
        steps.Run(Sweep.Dispose);
        return QueuedLogger.WhenWrittenAsync();
    }

    private static IPEndPoint CheckFamily(EndPoint endPoint) =>
        endPoint as IPEndPoint ?? throw new SocketException((int)SocketError.AddressFamilyNotSupported);

    private TcpConnection BeginConnect(EndPoint endPoint, EndPoint? local, SimulatedSocketOptions target)
    {
        try
        {
            if (local is not null)
            {
                LocalBinding.ThrowIfMismatched(endPoint, local);
            }

            return tcp.Connect(CheckFamily(endPoint), local as IPEndPoint, target.Settings);
        }
        catch (SocketException exception) when (local is null)
        {
            throw SocketErrors.At(exception.SocketErrorCode, "Connecting to", endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable)
        {
            throw SocketErrors.At(exception.SocketErrorCode, "Binding to", local!);
        }
    }
}
