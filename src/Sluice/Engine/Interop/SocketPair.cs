using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>Creates two Unix domain sockets that are connected to each other (socketpair(2)). Linux.</summary>
internal static unsafe class SocketPair
{
    /// <param name="type">Their type: <see cref="LinuxConstants.SockStream"/> or <see cref="LinuxConstants.SockDgram"/>.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    public static (SocketHandle First, SocketHandle Second) Create(int type)
    {
        // SAFETY: socketpair(2) writes two numbers.
        int* ends = stackalloc int[2];
        return Libc.SocketPair(LinuxConstants.AfUnix, type | LinuxConstants.SockNonBlock | LinuxConstants.SockCloExec, 0, ends) == 0
            ? (new SocketHandle(ends[0]), new SocketHandle(ends[1]))
            : throw SocketErrors.During(Errno.LastError(), "Creating a pair of sockets");
    }
}
