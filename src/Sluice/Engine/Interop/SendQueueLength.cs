using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>How many bytes the kernel holds that the peer's has not acknowledged yet.</summary>
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

    /// <summary>Wherever the system tells; 0 where it does not.</summary>
    public static int Of(Socket socket)
    {
        // There the peer's kernel has them when they are sent, and what it would count is what the peer has not read.
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
            // Reset by the peer: nothing will be acknowledged any more.
            return 0;
        }
    }
}
