using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Sends memory in one piece.</summary>
internal readonly ref struct SpanSend(ReadOnlySpan<byte> bytes) : ISocketSend
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Send(SocketHandle socket, out int attempted, out SocketError error)
    {
        attempted = _bytes.Length;
        return SocketTransfer.Send(socket, _bytes, out error);
    }
}
