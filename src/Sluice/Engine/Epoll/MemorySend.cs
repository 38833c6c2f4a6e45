using System.Buffers;
using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Sends memory.</summary>
internal readonly struct MemorySend(ReadOnlySequence<byte> bytes) : ISocketSend
{
    public int Send(SocketHandle socket, out int attempted, out SocketError error) => SocketTransfer.Send(socket, bytes, out attempted, out error);
}
