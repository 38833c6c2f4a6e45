using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Reads how many bytes the kernel has sent, or holds to send, that the peer's kernel has not acknowledged.</summary>
internal static unsafe class SendQueueLength
{
    // sys/socket.h of macOS: SO_NWRITE at SOL_SOCKET.
    private const int DarwinSolSocket = 0xffff;
    private const int DarwinSoNWrite = 0x1024;

    /// <summary>Reads it on Linux: SIOCOUTQ, tcp(7), which counts a FIN as one.</summary>
    public static int OnLinux(SafeHandle socket)
    {
        int bytes = 0;
        using DescriptorLease lease = socket.Lease();

        // SAFETY: SIOCOUTQ writes one number, to this method's own stack.
        return Libc.IoCtl(lease.Descriptor, LinuxConstants.SioCOutQ, &bytes) == 0 ? bytes : 0;
    }

    /// <summary>Reads it on any system; 0 where the system does not tell.</summary>
    public static int Of(Socket socket)
    {
        // A send on a Unix domain socket puts the bytes into the peer's queue: the kernel would count what the peer has not read.
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return 0;
        }

        if (OperatingSystem.IsLinux())
        {
            return OnLinux(socket.SafeHandle);
        }

        if (!OperatingSystem.IsMacOS())
        {
            return 0;
        }

        Span<byte> value = stackalloc byte[sizeof(int)];
        try
        {
            return socket.GetRawSocketOption(DarwinSolSocket, DarwinSoNWrite, value) == sizeof(int) ? BitConverter.ToInt32(value) : 0;
        }
        catch (SocketException)
        {
            // The peer has reset, and will acknowledge nothing more.
            return 0;
        }
    }
}
