using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Epoll;
using Sluice.Engine.Interop;

namespace Sluice.Stress.Kernel;

/// <summary>Follows which descriptors are registered where, to repeat an event that a fault has swallowed.</summary>
internal sealed unsafe class Registrations
{
    private const int SocketLevel = 1;
    private const int SocketType = 3;
    private const int TypeStream = 1;

    // struct epoll_event is packed on x86 only (linux/eventpoll.h).
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    private readonly Lock _lock = new();

    // Under _lock.
    private readonly Dictionary<int, Registration> _registered = [];

    public static int EventSize => s_dataOffset + sizeof(ulong);

    public static void WriteEvent(byte* at, uint events, ulong data)
    {
        Unsafe.WriteUnaligned(at, events);
        Unsafe.WriteUnaligned(at + s_dataOffset, data);
    }

    public static (uint Events, ulong Data) ReadEvent(byte* at) => (Unsafe.ReadUnaligned<uint>(at), Unsafe.ReadUnaligned<ulong>(at + s_dataOffset));

    /// <summary>Calls epoll_ctl(2), and keeps what was registered.</summary>
    public int Control(int epoll, int operation, int fd, byte* @event)
    {
        lock (_lock)
        {
            int result = Libc.EpollCtl(epoll, operation, fd, @event);
            int errno = Marshal.GetLastSystemError();
            if (operation == LinuxConstants.EpollCtlDel)
            {
                // A socket that moves is registered at the other instance first.
                if (_registered.TryGetValue(fd, out Registration? registration) && registration.Epoll == epoll)
                {
                    _registered.Remove(fd);
                }
            }
            else if (result == 0)
            {
                (uint events, ulong data) = ReadEvent(@event);
                if (data != Poller.WakeData)
                {
                    _registered[fd] = new Registration(epoll, events, data, IsStream(fd));
                }
            }

            Marshal.SetLastSystemError(errno);
            return result;
        }
    }

    public Registration? Find(int fd)
    {
        lock (_lock)
        {
            return _registered.GetValueOrDefault(fd);
        }
    }

    /// <summary>Forgets a descriptor that is about to be closed, a socket's or an epoll instance's: the next one with its number is another.</summary>
    public void Forget(int fd)
    {
        lock (_lock)
        {
            _registered.Remove(fd);
            foreach ((int socket, Registration registration) in _registered)
            {
                if (registration.Epoll == fd)
                {
                    _registered.Remove(socket);
                }
            }
        }
    }

    /// <summary>Has the kernel report again what holds, as if it had only now become so.</summary>
    public void Repeat(int fd)
    {
        lock (_lock)
        {
            if (_registered.TryGetValue(fd, out Registration? registration))
            {
                byte* @event = stackalloc byte[EventSize];
                WriteEvent(@event, registration.Events, registration.Data);
                _ = Libc.EpollCtl(registration.Epoll, LinuxConstants.EpollCtlMod, fd, @event);
            }
        }
    }

    /// <summary>Returns the data of a descriptor that is registered at <paramref name="epoll"/>; null if there is none.</summary>
    public ulong? Any(int epoll, Chance chance)
    {
        lock (_lock)
        {
            ulong[] found = [.. _registered.Values.Where(registration => registration.Epoll == epoll).Select(registration => registration.Data)];
            return found.Length == 0 ? null : found[chance.Below(found.Length)];
        }
    }

    private static bool IsStream(int fd)
    {
        int type = 0;
        uint length = sizeof(int);
        return Libc.GetSockOpt(fd, SocketLevel, SocketType, &type, &length) == 0 && type == TypeStream;
    }
}
