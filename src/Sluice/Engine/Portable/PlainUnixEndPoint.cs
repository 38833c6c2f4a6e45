using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Portable;

/// <summary>
/// A Unix domain end point that <see cref="Socket"/> does not know for one: of those that it binds it deletes the file when it is disposed,
/// even if another server has put its own there by then. <see cref="UnixSocketFile"/> sees to that.
/// </summary>
internal sealed class PlainUnixEndPoint(UnixDomainSocketEndPoint endPoint) : EndPoint
{
    public override AddressFamily AddressFamily => AddressFamily.Unix;

    /// <summary>
    /// Set once it is bound: from then on only the room counts that <see cref="Serialize"/> makes. Of the framework's own end point that is
    /// as long as the server's name, and a client whose name is longer ends the process (dotnet/runtime, FinishOperationAccept).
    /// </summary>
    public bool IsBound { get; set; }

    public override SocketAddress Serialize() => IsBound ? new SocketAddress(AddressFamily.Unix, NativeAddress.MaxSize) : endPoint.Serialize();

    /// <summary>Never throws: the framework calls this where nothing catches an exception.</summary>
    public override EndPoint Create(SocketAddress socketAddress) => UnixEndPoints.FromNative(socketAddress.Buffer.Span[..socketAddress.Size]);

    public override string ToString() => endPoint.ToString();
}
