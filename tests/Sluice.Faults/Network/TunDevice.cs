using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Sluice.Faults.Network;

/// <summary>A network interface whose packets this process reads and writes (linux Documentation/networking/tuntap.rst).</summary>
internal sealed unsafe class TunDevice : IDisposable
{
    public const string Name = "tun0";

    /// <summary>How many packets may wait at each step of the way.</summary>
    public const int QueueLength = 20_000;

    private readonly int _fd;

    private TunDevice(int fd) => _fd = fd;

    /// <summary>Opens the device of a network namespace.</summary>
    /// <exception cref="Win32Exception">The system refuses.</exception>
    public static TunDevice Open(string networkNamespace)
    {
        // A thread of its own: it enters the namespace, and does not come back.
        int fd = -1;
        Win32Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                fd = OpenHere(networkNamespace);
            }
            catch (Win32Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? new TunDevice(fd) : throw failure;
    }

    /// <summary>Reads a packet; 0 if there is none within a tenth of a second.</summary>
    public int Read(Span<byte> packet)
    {
        var entry = new Native.PollEntry { Descriptor = _fd, Events = Native.PollIn };

        // SAFETY: one entry on this method's own stack, and a buffer that is pinned for the call, which writes as many bytes as it has at most.
        if (Native.Poll(&entry, 1, 100) <= 0)
        {
            return 0;
        }

        fixed (byte* start = packet)
        {
            return Math.Max(0, (int)Native.Read(_fd, start, (nuint)packet.Length));
        }
    }

    /// <summary>Hands a packet to the kernel. One that it has no room for is lost.</summary>
    public void Write(ReadOnlySpan<byte> packet)
    {
        // SAFETY: pinned for the call, which reads as many bytes as there are.
        fixed (byte* start = packet)
        {
            _ = Native.Write(_fd, start, (nuint)packet.Length);
        }
    }

    public void Dispose() => _ = Native.Close(_fd);

    private static int OpenHere(string networkNamespace)
    {
        int entered = Check(Native.Open($"/run/netns/{networkNamespace}", Native.OpenCloseOnExec));
        Check(Native.EnterNamespace(entered, Native.NetworkNamespace));
        _ = Native.Close(entered);
        int fd = Check(Native.Open("/dev/net/tun", Native.OpenReadWrite | Native.OpenNonBlocking | Native.OpenCloseOnExec));

        // struct ifreq: a name of 16 bytes, the flags, and what other requests need.
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        Encoding.ASCII.GetBytes(Name, request);
        MemoryMarshal.Write(request[16..], (short)(Native.Tun | Native.NoPacketInformation));

        // SAFETY: the request is on this method's own stack and as long as a struct ifreq.
        fixed (byte* start = request)
        {
            Check(Native.IoCtl(fd, Native.TunSetInterface, start));
        }

        return fd;
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
