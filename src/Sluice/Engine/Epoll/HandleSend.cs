using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Sends bytes that carry descriptors.</summary>
internal readonly struct HandleSend(HandleMessage message) : ISocketSend
{
    public int Send(SocketHandle socket, out int attempted, out SocketError error) => message.Send(socket, out attempted, out error);
}
