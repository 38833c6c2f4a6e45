using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Sluice.Engine.Interop;

/// <summary>Transfers within the kernel, past our memory: splice(2) and sendfile(2).</summary>
internal static unsafe class KernelTransfer
{
    /// <summary>A pipe that does not block; false if there are no descriptors for it.</summary>
    public static bool TryOpenPipe([NotNullWhen(true)] out SocketHandle? output, [NotNullWhen(true)] out SocketHandle? input)
    {
        // SAFETY: pipe2(2) writes two numbers.
        int* ends = stackalloc int[2];
        bool opened = Libc.Pipe2(ends, LinuxConstants.PipeNonBlock | LinuxConstants.PipeCloExec) == 0;
        output = opened ? new SocketHandle(ends[0]) : null;
        input = opened ? new SocketHandle(ends[1]) : null;
        return opened;
    }

    /// <summary>
    /// Moves bytes, by reference: positive, so many; 0, the end of a source that is a socket; negative, <paramref name="error"/> says why not.
    /// </summary>
    /// <exception cref="ObjectDisposedException">One of them is closed.</exception>
    public static int Splice(SocketHandle from, SocketHandle to, long most, out SocketError error)
    {
        using DescriptorLease source = from.Lease();
        using DescriptorLease target = to.Lease();
        nint moved;
        int errno;
        do
        {
            // SAFETY: without offsets the call reads and writes no memory of this process.
            moved = Libc.Splice(source.Descriptor, null, target.Descriptor, null, (nuint)most, LinuxConstants.SpliceMove | LinuxConstants.SpliceNonBlock);
        }
        while (Errno.IsInterrupted(moved, out errno));
        error = errno is Errno.Invalid or Errno.NotPermitted or Errno.NoSystemCall ? SocketError.OperationNotSupported : Errno.ToSocketError(errno);
        return (int)moved;
    }

    /// <summary>
    /// Sends part of a file: positive, so many bytes; 0, the file has no more there; negative, <paramref name="errno"/> says why not.
    /// </summary>
    /// <param name="file">A descriptor that stays open.</param>
    /// <param name="socket">Where to.</param>
    /// <param name="offset">From where on.</param>
    /// <param name="most">How many bytes at most.</param>
    /// <param name="errno">The reason.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static int SendFile(int file, SocketHandle socket, long offset, long most, out int errno)
    {
        using DescriptorLease target = socket.Lease();
        nint sent;
        do
        {
            // SAFETY: the offset is on this method's own stack.
            sent = Libc.SendFile(target.Descriptor, file, &offset, (nuint)most);
        }
        while (Errno.IsInterrupted(sent, out errno));
        return (int)sent;
    }
}
