using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Unix;

namespace Sluice.Engine;

internal abstract partial class SocketEngine
{
    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system does not have an option that is asked for.</exception>
    public virtual async Task<ListenerTransport> BindAsync(
        UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, CancellationToken cancellationToken)
    {
        UnixSocket socket = CreateUnixSocket(SocketType.Stream, "Binding to", endPoint);
        UnixSocketFile? file = null;
        try
        {
            file = await UnixSocketFile.BindAsync(
                socket, endPoint, options.FileMode, options.DeleteOnClose, TimeProvider, cancellationToken).ConfigureAwait(false);
            return socket.StartListener(endPoint, options, file);
        }
        catch
        {
            file?.Release();
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="SocketException">
    /// The connection could not be made. <see cref="SocketError.WouldBlock"/>: the server's backlog is full, and the caller can try again.
    /// </exception>
    public virtual Task<StreamTransport> ConnectAsync(
        UnixDomainSocketEndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Makes two streams that are connected to each other; null where the system has no call for it.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual (StreamTransport First, StreamTransport Second)? TryCreatePair(StreamSocketOptions options) =>
        TryCreateUnixPair(SocketType.Stream) is { } pair ? StartPair(pair, options, socket => socket.StartStream(UnixEndPoints.Unnamed, options)) : null;

    /// <summary>Makes a datagram socket, bound, connected, or both.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system does not have an option that is asked for.</exception>
    public virtual async Task<DatagramTransport> OpenDatagramAsync(
        UnixDomainSocketEndPoint? local, UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, CancellationToken cancellationToken)
    {
        UnixSocket socket = CreateUnixSocket(SocketType.Dgram, local is null ? "Connecting to" : "Binding to", (local ?? remote)!);
        UnixSocketFile? file = null;
        try
        {
            socket.Options.ApplyUnix(options);
            if (local is not null)
            {
                file = await UnixSocketFile.BindAsync(
                    socket, local, options.FileMode, options.DeleteOnClose, TimeProvider, cancellationToken).ConfigureAwait(false);
            }

            if (remote is not null)
            {
                socket.Connect(remote);
            }

            return socket.StartDatagram(remote, options, file);
        }
        catch
        {
            file?.Release();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Makes two datagram sockets that are connected to each other and have no names.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual (DatagramTransport First, DatagramTransport Second) CreateDatagramPair(UnixDatagramOptions options) =>
        StartPair(TryCreateUnixPair(SocketType.Dgram)!.Value, options, socket => socket.StartDatagram(UnixEndPoints.Unnamed, options, file: null));

    /// <summary>Takes over a datagram socket that other code has made.</summary>
    /// <exception cref="ArgumentException">It is no such socket: nothing was taken.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual DatagramTransport AdoptDatagram(AdoptableSocket socket, UdpSocketOptions options) =>
        throw new NotSupportedException();

    /// <summary>Takes over a connection that other code has made.</summary>
    /// <exception cref="ArgumentException">It is no such socket: nothing was taken.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual StreamTransport AdoptStream(AdoptableSocket socket, StreamSocketOptions options) =>
        throw new NotSupportedException();

    /// <summary>Takes over a listener that other code has made.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="accepted">The options of each connection that it accepts.</param>
    /// <param name="file">The file it is bound to, if that is deleted with it.</param>
    /// <param name="backlog">How many connections the system keeps ready, if the socket is bound and does not listen yet.</param>
    /// <exception cref="ArgumentException">It is no such socket: nothing was taken.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual ListenerTransport AdoptListener(AdoptableSocket socket, StreamSocketOptions accepted, UnixSocketFile? file, int backlog) =>
        throw new NotSupportedException();

    /// <exception cref="SocketException">The system refuses.</exception>
    protected virtual UnixSocket CreateUnixSocket(SocketType type, string doing, EndPoint endPoint) => throw new NotSupportedException();

    /// <summary>Makes two sockets that are connected to each other; null where the system cannot, which is for streams alone.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    protected virtual (UnixSocket First, UnixSocket Second)? TryCreateUnixPair(SocketType type) => throw new NotSupportedException();

    private static (T First, T Second) StartPair<T>((UnixSocket First, UnixSocket Second) pair, SocketOptions options, Func<UnixSocket, T> start)
        where T : Transport
    {
        T? first = null;
        try
        {
            pair.First.Options.ApplyUnix(options);
            pair.Second.Options.ApplyUnix(options);
            first = start(pair.First);
            return (first, start(pair.Second));
        }
        catch
        {
            first?.Close();
            pair.First.Dispose();
            pair.Second.Dispose();
            throw;
        }
    }
}
