using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>Reads and sets socket options with getsockopt(2) and setsockopt(2). Linux.</summary>
internal readonly unsafe struct EpollSocketOptions(SocketHandle handle, AddressFamily family) : IOptionTarget
{
    public AddressFamily Family => family;

    public int GetOption(SocketOption option)
    {
        (int level, int name) = OptionNumbers.Translate(option, family);
        Span<int> value = stackalloc int[option == SocketOption.LingerSeconds ? 2 : 1];
        uint length = (uint)(value.Length * sizeof(int));
        Check(Get(level, name, MemoryMarshal.AsBytes(value), ref length), $"Reading the socket option {option}");
        return option switch
        {
            SocketOption.LingerSeconds => value[0] == 0 ? -1 : value[1],

            // The kernel doubles the value that is set, to allow for its overhead, and returns the doubled one (socket(7), SO_RCVBUF).
            SocketOption.SendBufferSize or SocketOption.ReceiveBufferSize => value[0] / 2,
            _ => value[0],
        };
    }

    public void SetOption(SocketOption option, int value)
    {
        (int level, int name) = OptionNumbers.Translate(option, family);
        Span<int> native = [value, 0];
        int count = 1;
        if (option == SocketOption.LingerSeconds)
        {
            (native[0], native[1], count) = (value < 0 ? 0 : 1, Math.Max(value, 0), 2);
            handle.CloseMayBlock = value > 0;
        }

        Check(Set(level, name, MemoryMarshal.AsBytes(native[..count])), $"Setting the socket option {option}");
    }

    public int GetRawOption(int level, int name, Span<byte> value)
    {
        uint length = (uint)value.Length;
        Check(Get(level, name, value, ref length), $"Reading the socket option {name} of level {level}");
        return (int)length;
    }

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value) =>
        Check(Set(level, name, value), $"Setting the socket option {name} of level {level}");

    /// <summary>Lets an IPv6 socket serve IPv4 too, whatever the default (ipv6(7), bindv6only) is.</summary>
    public void EnableDualMode()
    {
        ReadOnlySpan<int> off = [0];
        _ = Set(LinuxConstants.IpProtoIPv6, LinuxConstants.IPv6Only, MemoryMarshal.AsBytes(off));
    }

    /// <summary>
    /// Leaves the choice of the port to connect(2), which can pick one that is in use towards another peer (ip(7), IP_BIND_ADDRESS_NO_PORT). A
    /// kernel without the option picks an unused port at bind(2).
    /// </summary>
    public void BindAddressWithoutPort()
    {
        ReadOnlySpan<int> on = [1];
        _ = Set(LinuxConstants.IpProtoIp, LinuxConstants.IpBindAddressNoPort, MemoryMarshal.AsBytes(on));
    }

    /// <summary>Takes the result of an asynchronous connect (SO_ERROR, connect(2)).</summary>
    public SocketError TakeError()
    {
        Span<int> error = [0];
        uint length = sizeof(int);
        SocketError failed = Get(LinuxConstants.SolSocket, LinuxConstants.SoError, MemoryMarshal.AsBytes(error), ref length);
        return failed == SocketError.Success ? Errno.ToSocketError(error[0]) : failed;
    }

    private SocketError Get(int level, int name, Span<byte> value, ref uint length)
    {
        using DescriptorLease lease = handle.Lease();

        // SAFETY: both are pinned for the call, which writes no more than the length that it is given.
        fixed (byte* start = value)
        fixed (uint* size = &length)
        {
            return Errno.ResultOf(Libc.GetSockOpt(lease.Descriptor, level, name, start, size));
        }
    }

    private SocketError Set(int level, int name, ReadOnlySpan<byte> value)
    {
        using DescriptorLease lease = handle.Lease();

        // SAFETY: pinned for the call, which only reads it.
        fixed (byte* start = value)
        {
            return Errno.ResultOf(Libc.SetSockOpt(lease.Descriptor, level, name, start, (uint)value.Length));
        }
    }

    private static void Check(SocketError error, string doing)
    {
        if (error != SocketError.Success)
        {
            throw SocketErrors.During(error, doing);
        }
    }
}
