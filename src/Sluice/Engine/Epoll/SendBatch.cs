using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Datagrams for one sendmmsg(2). Successive ones of the same length to the same address are one message, which the kernel splits into segments
/// (UDP_SEGMENT, udp(7)).
/// </summary>
// SAFETY: the kernel gets pointers into arrays that are allocated pinned, so they do not move, and the fields keep them alive. Each index is below
// MaxMessages, and each length that the kernel is given is that of bytes that were copied to the array.
internal sealed unsafe class SendBatch
{
    private const int MaxMessages = 64;
    private const int Capacity = 64 * 1024;

    // UDP_MAX_SEGMENTS of kernels before 6.9 (linux/udp.h), and the most bytes of a segmented message: it has to fit into an IP packet.
    private const int MaxSegments = 64;
    private const int MaxMessageLength = 65_000;

    // CMSG_SPACE and CMSG_LEN of an unsigned 16-bit number.
    private static readonly int s_controlSpace = sizeof(Libc.ControlHeader) + IntPtr.Size;
    private static readonly int s_controlLength = sizeof(Libc.ControlHeader) + sizeof(ushort);

    private readonly Libc.MultiMessageHeader[] _headers = GC.AllocateArray<Libc.MultiMessageHeader>(MaxMessages, pinned: true);
    private readonly Libc.IoVector[] _vectors = GC.AllocateArray<Libc.IoVector>(MaxMessages, pinned: true);
    private readonly NativeAddress[] _addresses = GC.AllocateArray<NativeAddress>(MaxMessages, pinned: true);
    private readonly byte[] _control = GC.AllocateArray<byte>(MaxMessages * s_controlSpace, pinned: true);
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity, pinned: true);
    private readonly Message[] _messages = new Message[MaxMessages];
    private int _head;
    private int _count;
    private int _filled;

    public bool IsEmpty => _head == _count;

    /// <summary>Adds a datagram. False if the batch is full.</summary>
    /// <param name="address">The address to send to; empty on a connected socket.</param>
    /// <param name="bytes">The payload.</param>
    /// <param name="maxSegment">The longest segment that the kernel can split a message into; 0 if it cannot.</param>
    public bool TryAdd(in NativeAddress address, ReadOnlySpan<byte> bytes, int maxSegment)
    {
        if (bytes.Length > Capacity - _filled)
        {
            return false;
        }

        if (_count > _head && bytes.Length > 0 && TryAppendSegment(address, bytes.Length, maxSegment))
        {
            Copy(bytes);
            return true;
        }

        if (_count == MaxMessages)
        {
            return false;
        }

        int index = _count++;
        _addresses[index] = address;
        _messages[index] = new Message { SegmentSize = bytes.Length, Segments = 1 };
        _vectors[index] = new Libc.IoVector { Base = Pointer(_bytes, _filled), Length = (nuint)bytes.Length };
        ref Libc.MessageHeader header = ref _headers[index].Header;
        header.Name = address.Length > 0 ? Unsafe.AsPointer(ref _addresses[index].First) : null;
        header.NameLength = (uint)address.Length;
        header.Vectors = (Libc.IoVector*)Unsafe.AsPointer(ref _vectors[index]);
        header.VectorCount = 1;
        header.Control = null;
        header.ControlLength = 0;
        Copy(bytes);
        return true;
    }

    /// <summary>Sends until all datagrams are sent or one fails.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="maxSegment">As in <see cref="TryAdd"/>. Lowered if the kernel refuses segments of that length.</param>
    /// <param name="errno">0 if all are sent; else the error of the first that is left.</param>
    /// <returns>How many datagrams were sent.</returns>
    public int Send(int fd, ref int maxSegment, out int errno)
    {
        int sent = 0;
        while (_head < _count)
        {
            int result = _messages[_head].IsSplitHere ? SendFirstSegment(fd) : SendMessages(fd, ref sent);
            if (Errno.IsInterrupted(result, out errno))
            {
                continue;
            }

            if (errno == 0)
            {
                sent += _messages[_head].IsSplitHere ? 1 : 0;
                Advance();
                continue;
            }

            // The kernel cannot split this message: its segments are longer than the network's packets, or the device lacks checksum offload (EIO,
            // udp_send_skb in the kernel). Then this sends the segments one by one.
            if (_messages[_head] is { Segments: > 1, IsSplitHere: false } && errno is Errno.Invalid or Errno.MessageTooLong or Errno.InputOutput)
            {
                maxSegment = errno == Errno.InputOutput ? 0 : Math.Min(maxSegment, _messages[_head].SegmentSize - 1);
                _messages[_head].IsSplitHere = true;
                continue;
            }

            return sent;
        }

        Reset();
        errno = 0;
        return sent;
    }

    /// <summary>Drops the first datagram of those that are left.</summary>
    public void DropFirst()
    {
        _messages[_head].IsSplitHere = true;
        Advance();
        if (IsEmpty)
        {
            Reset();
        }
    }

    public void Reset() => _head = _count = _filled = 0;

    private static byte* Pointer(byte[] pinned, int offset) =>
        (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pinned), offset));

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_filled));
        _filled += bytes.Length;
    }

    private bool TryAppendSegment(in NativeAddress address, int length, int maxSegment)
    {
        int last = _count - 1;
        ref Message message = ref _messages[last];
        if (message.SegmentSize > maxSegment || length > message.SegmentSize || message.IsEnded || message.IsSplitHere || message.Segments == MaxSegments
            || (int)_vectors[last].Length + length > MaxMessageLength || !_addresses[last].Bytes.SequenceEqual(address.Bytes))
        {
            return false;
        }

        if (message.Segments++ == 1)
        {
            RequestSegments(last, message.SegmentSize);
        }

        // Only the last segment may be shorter.
        message.IsEnded = length < message.SegmentSize;
        _vectors[last].Length += (nuint)length;
        return true;
    }

    private void RequestSegments(int index, int segmentSize)
    {
        byte* control = Pointer(_control, index * s_controlSpace);
        *(Libc.ControlHeader*)control = new Libc.ControlHeader
        {
            Length = (nuint)s_controlLength,
            Level = LinuxConstants.SolUdp,
            Type = LinuxConstants.UdpSegment,
        };
        *(ushort*)(control + sizeof(Libc.ControlHeader)) = (ushort)segmentSize;
        _headers[index].Header.Control = control;
        _headers[index].Header.ControlLength = (nuint)s_controlSpace;
    }

    private int SendMessages(int fd, ref int sent)
    {
        var first = (Libc.MultiMessageHeader*)Unsafe.AsPointer(ref _headers[_head]);
        int messages = Libc.SendMMsg(fd, first, (uint)(_count - _head), LinuxConstants.MsgDontWait | LinuxConstants.MsgNoSignal);
        for (int i = 0; i < messages; i++)
        {
            sent += _messages[_head + i].Segments;
        }

        // The caller advances past the last one.
        _head += Math.Max(messages - 1, 0);
        return messages;
    }

    // Returns 1 for a datagram without bytes as well.
    private int SendFirstSegment(int fd)
    {
        ref Libc.MessageHeader header = ref _headers[_head].Header;
        int length = Math.Min((int)_vectors[_head].Length, _messages[_head].SegmentSize);
        nint sent = Libc.SendTo(
            fd, (byte*)_vectors[_head].Base, (nuint)length, LinuxConstants.MsgDontWait | LinuxConstants.MsgNoSignal, (byte*)header.Name, header.NameLength);
        return sent >= 0 ? 1 : -1;
    }

    private void Advance()
    {
        ref Message message = ref _messages[_head];
        if (!message.IsSplitHere || --message.Segments == 0)
        {
            _head++;
            return;
        }

        ref Libc.IoVector vector = ref _vectors[_head];
        vector.Base = (byte*)vector.Base + message.SegmentSize;
        vector.Length -= (nuint)message.SegmentSize;
    }

    private struct Message
    {
        public int SegmentSize;
        public int Segments;

        /// <summary>Whether the last segment is a short one, after which no other can follow.</summary>
        public bool IsEnded;

        /// <summary>Whether its segments are sent one by one.</summary>
        public bool IsSplitHere;
    }
}
