using System.Net.Sockets;
using Sluice.Engine.Unix;

namespace Sluice.Engine;

internal abstract partial class SocketEngine
{
    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is asked for that the system has not.</exception>
    public virtual Task<ListenerTransport> BindAsync(
        UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <exception cref="SocketException">The connection could not be made; <see cref="SocketError.WouldBlock"/>: the server has as many
    /// waiting as it keeps, and it can be tried again.</exception>
    public virtual Task<StreamTransport> ConnectAsync(
        UnixDomainSocketEndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Two that are connected to each other; null where the system has no call for it.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual (StreamTransport First, StreamTransport Second)? TryCreatePair(StreamSocketOptions options) => null;

    /// <summary>Makes a datagram socket, bound, connected, or both.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is asked for that the system has not.</exception>
    public virtual Task<DatagramTransport> OpenDatagramAsync(
        UnixDomainSocketEndPoint? local, UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Two that are connected to each other and have no names.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual (DatagramTransport First, DatagramTransport Second) CreateDatagramPair(UnixDatagramOptions options) =>
        throw new NotSupportedException();

    /// <summary>Takes over a datagram socket that somebody else has made.</summary>
    /// <exception cref="ArgumentException">It is none: nothing was taken.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual DatagramTransport AdoptDatagram(AdoptableSocket socket, UdpSocketOptions options) =>
        throw new NotSupportedException();

    /// <summary>Takes over a connection that somebody else has made.</summary>
    /// <exception cref="ArgumentException">It is none: nothing was taken.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual StreamTransport AdoptStream(AdoptableSocket socket, StreamSocketOptions options) =>
        throw new NotSupportedException();

    /// <summary>Takes over a listener that somebody else has made.</summary>
    /// <param name="socket">What it is.</param>
    /// <param name="accepted">What it accepts gets.</param>
    /// <param name="file">The file it is bound to, if that goes with it.</param>
    /// <param name="backlog">How many connections the system keeps ready, if the socket is bound and does not listen yet.</param>
    /// <exception cref="ArgumentException">It is none: nothing was taken.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual ListenerTransport AdoptListener(AdoptableSocket socket, StreamSocketOptions accepted, UnixSocketFile? file, int backlog) =>
        throw new NotSupportedException();
}
