using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>
/// The memory that one recvmmsg(2) fills: a number of messages, each of which is a datagram, or several that the kernel has coalesced (UDP_GRO,
/// udp(7)).
/// </summary>
// SAFETY: the kernel gets pointers into arrays that are allocated pinned, so they do not move, and the fields keep them alive. Each index is below
// the number of headers, and each length that the kernel is given is that of the index's part of its array.
internal sealed unsafe class ReceiveBatch
{
    // Room for all control messages that the options can enable: CMSG_SPACE of two structs in6_pktinfo and of four ints (cmsg(3)).
    private const int ControlSize = 192;

    // Keeps the starts of the messages from being a power of two apart, at which they would compete for a few sets of the processor's cache.
    private const int Stagger = 320;

    // A call receives fewer datagrams than it was told to if they are so large.
    private const int MaxBytes = 64 * 1024 * 1024;

    private readonly Libc.MultiMessageHeader[] _headers;
    private readonly Libc.IoVector[] _vectors;
    private readonly byte[] _addresses;
    private readonly byte[] _control;
    private readonly byte[] _bytes;
    private readonly int _stride;
    private int _used;

    public ReceiveBatch(int count, int size)
    {
        _stride = size + Stagger;
        count = Math.Clamp(MaxBytes / _stride, 1, count);
        _headers = GC.AllocateArray<Libc.MultiMessageHeader>(count, pinned: true);
        _vectors = GC.AllocateUninitializedArray<Libc.IoVector>(count, pinned: true);
        _addresses = GC.AllocateUninitializedArray<byte>(count * NativeAddress.MaxSize, pinned: true);
        _control = GC.AllocateUninitializedArray<byte>(count * ControlSize, pinned: true);
        _bytes = GC.AllocateUninitializedArray<byte>(count * _stride, pinned: true);
        for (int i = 0; i < count; i++)
        {
            _vectors[i] = new Libc.IoVector { Base = Pointer(_bytes, i * _stride), Length = (nuint)size };
            _headers[i].Header.Vectors = (Libc.IoVector*)Unsafe.AsPointer(ref _vectors[i]);
            _headers[i].Header.VectorCount = 1;
        }

        _used = count;
    }

    public int Count => _headers.Length;

    /// <summary>Receives without waiting. Returns the number of messages; negative with an error in errno.</summary>
    public int Receive(int fd, bool wantsAddresses, bool wantsControl)
    {
        // Restores the fields that the kernel has overwritten in the messages of the last call.
        for (int i = 0; i < _used; i++)
        {
            ref Libc.MessageHeader header = ref _headers[i].Header;
            header.Name = wantsAddresses ? Pointer(_addresses, i * NativeAddress.MaxSize) : null;
            header.NameLength = wantsAddresses ? (uint)NativeAddress.MaxSize : 0;
            header.Control = wantsControl ? Pointer(_control, i * ControlSize) : null;
            header.ControlLength = wantsControl ? (nuint)ControlSize : 0;
        }

        int received = Libc.RecvMMsg(
            fd, (Libc.MultiMessageHeader*)Unsafe.AsPointer(ref _headers[0]), (uint)_headers.Length, LinuxConstants.MsgDontWait, null);
        _used = Math.Max(received, 0);
        return received;
    }

    /// <summary>Prepares the batch for another socket, which may differ in the addresses and control messages that it needs.</summary>
    public void Reset() => _used = _headers.Length;

    public ReadOnlySpan<byte> Bytes(int index) => _bytes.AsSpan(index * _stride, (int)_headers[index].Length);

    public bool IsTruncated(int index) => (_headers[index].Header.Flags & LinuxConstants.MsgTruncated) != 0;

    public ReadOnlySpan<byte> Address(int index) => _addresses.AsSpan(index * NativeAddress.MaxSize, (int)_headers[index].Header.NameLength);

    public ReadOnlySpan<byte> Control(int index) => _control.AsSpan(index * ControlSize, (int)_headers[index].Header.ControlLength);

    private static byte* Pointer(byte[] pinned, int offset) =>
        (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pinned), offset));
}
