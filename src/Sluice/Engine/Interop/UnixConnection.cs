using System.Net.Sockets;

namespace Sluice.Engine.Interop;

/// <summary>Where a Unix domain connection is in its life.</summary>
internal static unsafe class UnixConnection
{
    /// <summary>Whether it is over in both directions; false where the system does not tell.</summary>
    public static bool IsClosed(Socket socket)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        SafeSocketHandle handle = socket.SafeHandle;
        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            var entry = new Libc.PollEntry { Descriptor = (int)handle.DangerousGetHandle() };
            return Libc.PollEvents(&entry, 1, 0) > 0 && (entry.Returned & LinuxConstants.PollHup) != 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }
}
