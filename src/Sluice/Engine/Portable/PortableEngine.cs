using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

/// <summary>The engine for each system that .NET supports: <see cref="Socket"/> and the thread pool.</summary>
internal sealed partial class PortableEngine : SocketEngine
{
    private readonly HandoffMonitor? _monitor;

    // Ends the connects in progress, which have no transport yet.
    private readonly CancellationTokenSource _stopping = new();

    public PortableEngine(SelectorOptions options, ILogger logger)
        : base(logger, options.TimeProvider)
    {
        // There is no loop to take over, but the monitor sends the bytes that a stuck handler has written.
        _monitor = options.HandoffAfter == Timeout.InfiniteTimeSpan ? null : new HandoffMonitor(options.HandoffAfter);
        Scheduler = new PoolScheduler(_monitor);
        RunsInline = options.ContinuationScheduling == ContinuationScheduling.Inline;
    }

    public override SelectorEngine Kind => SelectorEngine.Portable;

    public PoolScheduler Scheduler { get; }

    public override IEnumerable<IScheduler> Schedulers => [Scheduler];

    /// <summary>Whether continuations run on the pool thread on which the system calls back.</summary>
    public bool RunsInline { get; }

    public override ListenerTransport Bind(EndPoint endPoint, TcpListenerOptions options)
    {
        Socket socket = CreateSocket("Binding to", endPoint, socketOptions =>
        {
            socketOptions.Apply(options);

            // On some systems accepted connections inherit them. And an option that cannot be set fails here, and not with each connection.
            options.Accepted.RareOptions?.Apply(socketOptions);
        });
        try
        {
            socket.Bind(endPoint);
            socket.Listen(options.Backlog);
            return StartListener(socket, options.Accepted);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw SocketErrors.At(exception.SocketErrorCode, "Binding to", endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override async Task<StreamTransport> ConnectAsync(EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        TypeNames.ThrowIfDisposed(_stopping.IsCancellationRequested, TypeNames.SelectorManager);
        bool described = false;
        using CancellationTokenSource timeout = Durations.CancelAfter(options.ConnectTimeout, TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, timeout.Token, cancellationToken);
        Socket socket = CreateSocket("Connecting to", endPoint, socketOptions =>
        {
            socketOptions.Apply(options);
            socketOptions.ApplyStream(options);
        });
        try
        {
            if (options.LocalEndPoint is { } local)
            {
                described = true;
                BindLocal(socket, endPoint, local);
                described = false;
            }

            await socket.ConnectAsync(endPoint, end.Token).ConfigureAwait(false);
            await CompleteConnectAsync(socket, options, end.Token).ConfigureAwait(false);
            described = true;
            PortableStream stream = Start(socket, options);
            if (SelfConnection.IsPossible(endPoint, options))
            {
                SelfConnection.ThrowIf(socket.LocalEndPoint, socket.RemoteEndPoint, stream);
            }

            return stream;
        }
        catch (OperationCanceledException)
        {
            await end.Token.LeaveCancelAsync();
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            TypeNames.ThrowIfDisposed(_stopping.IsCancellationRequested, TypeNames.SelectorManager);
            throw SocketErrors.ConnectTimedOut(endPoint, options.ConnectTimeout);
        }
        catch (SocketException exception) when (!described)
        {
            OnConnectFailed(socket);
            throw SocketErrors.At(exception.SocketErrorCode, "Connecting to", endPoint);
        }
        catch (Exception exception)
        {
            OnConnectFailed(socket);
            Open.ThrowIfCloseExplains(exception);
            throw;
        }
    }

    public override DatagramTransport OpenDatagram(AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options) =>
        PortableDatagram.Open(this, family, local, remote, options);

    /// <summary>Makes the transport of a connected socket whose options are set.</summary>
    public PortableStream Start(Socket socket, StreamSocketOptions options)
    {
        var stream = new PortableStream(this, socket, options);
        stream.Enlist();
        return stream;
    }

    /// <summary>Makes the transport of a socket that listens.</summary>
    public PortableListener StartListener(Socket socket, StreamSocketOptions accepted, UnixSocketFile? file = null)
    {
        var listener = new PortableListener(this, socket, accepted) { File = file };
        listener.Enlist();
        return listener;
    }

    /// <summary>Begins a callback of a socket; see <see cref="PoolScheduler.BeginCallback"/>.</summary>
    public void BeginCallback()
    {
        if (RunsInline)
        {
            PoolScheduler.BeginCallback();
        }
    }

    /// <summary>Ends a callback of a socket; see <see cref="PoolScheduler.EndCallback"/>.</summary>
    public void EndCallback()
    {
        if (RunsInline)
        {
            Scheduler.EndCallback();
        }
    }

    public override void EndConnects() => _stopping.CancelInBackground(Logger);

    public override async Task StopAsync(DisposalSteps steps)
    {
        steps.Run(Scheduler.Dispose);
        steps.Run(() => _monitor?.Dispose());
        await base.StopAsync(steps).ConfigureAwait(false);
    }

    // Closes the socket. Throws if the connect has failed because the engine is closing.
    private void OnConnectFailed(Socket socket)
    {
        socket.Dispose();
        TypeNames.ThrowIfDisposed(_stopping.IsCancellationRequested, TypeNames.SelectorManager);
    }

    // Makes a connect that the kernel has deferred to the first write (TCP_FASTOPEN_CONNECT, tcp(7)): the framework regards the socket as connected, and
    // does not report when it is.
    private static async ValueTask CompleteConnectAsync(Socket socket, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        if (options.RareOptions is null || !OperatingSystem.IsLinux() || !TcpState.IsConnecting(new PortableSocketOptions(socket)))
        {
            return;
        }

        SocketError error = SocketTransfer.BeginConnect(socket.SafeHandle);
        if (error is not (SocketError.Success or SocketError.InProgress))
        {
            throw new SocketException((int)error);
        }

        // A send of no bytes waits until the connection is established or has failed.
        await socket.SendAsync(ReadOnlyMemory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
    }

    private static void BindLocal(Socket socket, EndPoint remote, EndPoint local)
    {
        LocalBinding.ThrowIfMismatched(remote, local);
        try
        {
            socket.Bind(local);
        }
        catch (SocketException exception)
        {
            throw SocketErrors.At(exception.SocketErrorCode, "Binding to", local);
        }
    }

    // The exception for an option names the option, and so is not wrapped in one that names the end point.
    private static Socket CreateSocket(string doing, EndPoint endPoint, Action<IOptionTarget> configure)
    {
        Socket socket = CreateSocket(SocketType.Stream, ProtocolType.Tcp, endPoint.AddressFamily, doing, endPoint);
        try
        {
            configure(new PortableSocketOptions(socket));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Creates a socket; one of IPv6 in dual mode.</summary>
    /// <exception cref="SocketException">The system does not support the family; the message names the end point.</exception>
    internal static Socket CreateSocket(SocketType type, ProtocolType protocol, AddressFamily family, string doing, EndPoint endPoint)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(family, type, protocol);
            if (family == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            return socket;
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            throw SocketErrors.At(exception.SocketErrorCode, doing, endPoint);
        }
    }
}
