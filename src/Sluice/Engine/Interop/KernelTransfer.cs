using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Sluice.Engine.Interop;

/// <summary>Moves bytes inside the kernel, without a copy in this process: splice(2) and sendfile(2).</summary>
internal static unsafe class KernelTransfer
{
    /// <summary>Opens a non-blocking pipe; false if no descriptors are free.</summary>
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
    /// Moves bytes by reference. Returns how many; 0 at the end of a source that is a socket; negative with an <paramref name="error"/>.
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
    /// Sends part of a file. Returns how many bytes; 0 at the end of the file; negative with an <paramref name="errno"/>.
    /// </summary>
    /// <param name="file">A descriptor that the caller keeps open.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="offset">The offset in the file.</param>
    /// <param name="most">The most bytes to send.</param>
    /// <param name="errno">The error; 0 if there is none.</param>
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
