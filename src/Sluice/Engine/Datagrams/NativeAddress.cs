using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sluice.Engine.Datagrams;

/// <summary>A <c>sockaddr</c> of any family, in place.</summary>
internal struct NativeAddress
{
    /// <summary>sizeof(struct sockaddr_storage), which no address exceeds (RFC 3493, 3.10).</summary>
    public const int MaxSize = 128;

    private const int IpV4Size = 16;
    private const int IPv6Size = 28;

    private Storage _bytes;

    public int Length { get; private set; }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_bytes)[..Length];

    /// <summary>Gets a reference to the first of <see cref="MaxSize"/> bytes.</summary>
    [UnscopedRef]
    public ref byte First => ref Unsafe.As<Storage, byte>(ref _bytes);

    /// <summary>Whether a socket of a family can send to an end point.</summary>
    public static bool CanReach(EndPoint endPoint, AddressFamily family) => endPoint is IPEndPoint ip && ip.AddressFamily != family
        ? family == AddressFamily.InterNetworkV6 || (family == AddressFamily.InterNetwork && ip.Address.IsIPv4MappedToIPv6)
        : endPoint.AddressFamily == family;

    /// <summary>Sets the address in the layout of Linux. Allocates nothing for an IP address.</summary>
    /// <param name="endPoint">An end point for which <see cref="CanReach"/> is true.</param>
    /// <param name="family">The family of the socket that sends to it.</param>
    public void Set(EndPoint endPoint, AddressFamily family)
    {
        if (endPoint is IPEndPoint ip)
        {
            SetIp(ip, family);
            return;
        }

        SocketAddress address = endPoint.Serialize();
        Set(address.Buffer.Span[..address.Size]);
    }

    public void Set(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
        Length = bytes.Length;
    }

    private void SetIp(IPEndPoint endPoint, AddressFamily family)
    {
        Span<byte> bytes = _bytes;
        IPAddress address = endPoint.Address;
        bytes[2] = (byte)(endPoint.Port >> 8);
        bytes[3] = (byte)endPoint.Port;
        if (family == AddressFamily.InterNetwork)
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            Unsafe.WriteUnaligned(ref bytes[0], (ushort)Interop.SocketAddresses.ToNative(AddressFamily.InterNetwork));
            address.TryWriteBytes(bytes[4..], out _);
            bytes[8..IpV4Size].Clear();
            Length = IpV4Size;
            return;
        }

        Unsafe.WriteUnaligned(ref bytes[0], (ushort)Interop.SocketAddresses.ToNative(AddressFamily.InterNetworkV6));
        bytes[4..IPv6Size].Clear();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            // ::ffff:a.b.c.d (RFC 4291, 2.5.5.2)
            bytes[18..20].Fill(0xff);
            address.TryWriteBytes(bytes[20..], out _);
        }
        else
        {
            address.TryWriteBytes(bytes[8..], out _);
            Unsafe.WriteUnaligned(ref bytes[24], (uint)address.ScopeId);
        }

        Length = IPv6Size;
    }

    [InlineArray(MaxSize)]
    private struct Storage
    {
        private byte _first;
    }
}
