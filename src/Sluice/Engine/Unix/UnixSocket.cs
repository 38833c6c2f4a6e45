using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Options;

namespace Sluice.Engine.Unix;

/// <summary>
/// A Unix domain socket of an engine on its way to become a transport. Disposing of it closes it, which is for failures only: the transport
/// that was started owns the descriptor.
/// </summary>
internal abstract class UnixSocket : IDisposable
{
    public abstract SafeHandle Handle { get; }

    public abstract IOptionTarget Options { get; }

    /// <exception cref="SocketException">The system refuses; the message names the end point. After
    /// <see cref="SocketError.AddressAlreadyInUse"/> it can be tried again.</exception>
    public abstract void Bind(UnixDomainSocketEndPoint endPoint);

    /// <exception cref="SocketException">The system refuses; the message names the end point.</exception>
    public abstract void Connect(UnixDomainSocketEndPoint endPoint);

    /// <summary>Listens, and starts the transport.</summary>
    public abstract ListenerTransport StartListener(UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, UnixSocketFile? file);

    /// <summary>Starts the transport of a socket that is connected.</summary>
    public abstract StreamTransport StartStream(UnixDomainSocketEndPoint remote, StreamSocketOptions options);

    /// <summary>Starts the transport of a socket that is bound, connected, or both.</summary>
    public abstract DatagramTransport StartDatagram(UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, UnixSocketFile? file);

    public abstract void Dispose();
}
