using System.Net.Sockets;

namespace Sluice.Engine.Interop;

/// <summary>Reads the state of a Unix domain connection.</summary>
internal static unsafe class UnixConnection
{
    /// <summary>Whether it is closed in both directions; false where the system does not tell.</summary>
    public static bool IsClosed(Socket socket)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        try
        {
            using DescriptorLease lease = socket.SafeHandle.Lease();
            var entry = new Libc.PollEntry { Descriptor = lease.Descriptor };

            // SAFETY: one entry, on this method's own stack.
            return Libc.PollEvents(&entry, 1, 0) > 0 && (entry.Returned & LinuxConstants.PollHup) != 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
