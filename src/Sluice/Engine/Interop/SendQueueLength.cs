using System.Net.Sockets;

namespace Sluice.Engine.Interop;

/// <summary>How many bytes the kernel holds that the peer's has not acknowledged yet.</summary>
internal static unsafe class SendQueueLength
{
    // sys/socket.h of macOS: SO_NWRITE at SOL_SOCKET.
    private const int DarwinSolSocket = 0xffff;
    private const int DarwinSoNWrite = 0x1024;

    /// <summary>On Linux: SIOCOUTQ, tcp(7). Counts a FIN as one.</summary>
    public static int OnLinux(int fd)
    {
        int bytes = 0;
        return Libc.IoCtl(fd, LinuxConstants.SioCOutQ, &bytes) == 0 ? bytes : 0;
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
            SafeSocketHandle handle = socket.SafeHandle;
            bool added = false;
            handle.DangerousAddRef(ref added);
            try
            {
                return OnLinux((int)handle.DangerousGetHandle());
            }
            finally
            {
                handle.DangerousRelease();
            }
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
