using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>What is to be sent, wherever it comes from.</summary>
internal interface ISocketSend
{
    /// <summary>One try: how many bytes were sent; if none, <paramref name="error"/> says why.</summary>
    /// <param name="socket">Where to.</param>
    /// <param name="attempted">How many would have been, had the kernel had room: it is full if it took fewer.</param>
    /// <param name="error">Why none were sent.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    int Send(SocketHandle socket, out int attempted, out SocketError error);
}
