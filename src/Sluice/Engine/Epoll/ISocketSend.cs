using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Bytes to be sent, from memory, a file or a pipe.</summary>
internal interface ISocketSend
{
    /// <summary>Tries once to send. Returns the number of bytes; with 0, <paramref name="error"/> is the reason.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="attempted">How many bytes the kernel was given. If it took fewer, the socket is full.</param>
    /// <param name="error">The reason if none were sent.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    int Send(SocketHandle socket, out int attempted, out SocketError error);
}
