using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Portable;

/// <summary>
/// A Unix domain end point of a type that <see cref="Socket"/> does not recognize. It would delete the file of a
/// <see cref="UnixDomainSocketEndPoint"/> that it is bound to when it is disposed of, even if the file belongs to another server by then.
/// <see cref="UnixSocketFile"/> deletes the file instead.
/// </summary>
internal sealed class PlainUnixEndPoint(UnixDomainSocketEndPoint endPoint) : EndPoint
{
    public override AddressFamily AddressFamily => AddressFamily.Unix;

    /// <summary>
    /// Gets or sets a value indicating whether the socket is bound. From then on <see cref="Serialize"/> makes room for any name of a client. The
    /// framework's end point makes room for the length of the server's name, and a client with a longer name ends the process (dotnet/runtime,
    /// FinishOperationAccept).
    /// </summary>
    public bool IsBound { get; set; }

    public override SocketAddress Serialize() => IsBound ? new SocketAddress(AddressFamily.Unix, NativeAddress.MaxSize) : endPoint.Serialize();

    /// <summary>Never throws: the framework does not catch an exception of this call.</summary>
    public override EndPoint Create(SocketAddress socketAddress) => UnixEndPoints.FromNative(socketAddress.Buffer.Span[..socketAddress.Size]);

    public override string ToString() => endPoint.ToString();
}
