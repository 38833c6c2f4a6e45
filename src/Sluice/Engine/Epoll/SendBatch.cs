using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Datagrams on their way to one <c>sendmmsg</c>. Those in a row that go to the same address and are of one size are handed over as one
/// piece that the kernel cuts up (UDP_SEGMENT, udp(7)).
/// </summary>
internal sealed unsafe class SendBatch
{
    private const int MaxPieces = 64;
    private const int Capacity = 64 * 1024;

    // UDP_MAX_SEGMENTS of older kernels, and what fits into an IP packet before it is cut.
    private const int MaxSegments = 64;
    private const int MaxTrain = 65_000;

    // CMSG_SPACE and CMSG_LEN of an unsigned 16-bit number.
    private static readonly int s_controlSpace = sizeof(Libc.ControlHeader) + IntPtr.Size;
    private static readonly int s_controlLength = sizeof(Libc.ControlHeader) + sizeof(ushort);

    private readonly Libc.MultiMessageHeader[] _headers = GC.AllocateArray<Libc.MultiMessageHeader>(MaxPieces, pinned: true);
    private readonly Libc.IoVector[] _vectors = GC.AllocateArray<Libc.IoVector>(MaxPieces, pinned: true);
    private readonly NativeAddress[] _addresses = GC.AllocateArray<NativeAddress>(MaxPieces, pinned: true);
    private readonly byte[] _control = GC.AllocateArray<byte>(MaxPieces * s_controlSpace, pinned: true);
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity, pinned: true);
    private readonly Piece[] _pieces = new Piece[MaxPieces];
    private int _head;
    private int _count;
    private int _filled;

    public bool IsEmpty => _head == _count;

    /// <summary>False if it is full.</summary>
    /// <param name="address">Where to; empty on a connected socket.</param>
    /// <param name="bytes">What to send.</param>
    /// <param name="maxSegment">The longest datagram the kernel is known to cut trains into; 0 for none.</param>
    public bool TryAdd(in NativeAddress address, ReadOnlySpan<byte> bytes, int maxSegment)
    {
        if (bytes.Length > Capacity - _filled)
        {
            return false;
        }

        if (_count > _head && bytes.Length > 0 && TryLengthen(address, bytes.Length, maxSegment))
        {
            Copy(bytes);
            return true;
        }

        if (_count == MaxPieces)
        {
            return false;
        }

        int index = _count++;
        _addresses[index] = address;
        _pieces[index] = new Piece { SegmentSize = bytes.Length, Segments = 1 };
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

    /// <summary>Sends until all is sent or something fails.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="maxSegment">As of <see cref="TryAdd"/>; lowered when the kernel turns out not to cut so much.</param>
    /// <param name="errno">0 if all is sent; else why the first of the rest was not.</param>
    /// <returns>How many datagrams were sent.</returns>
    public int Send(int fd, ref int maxSegment, out int errno)
    {
        int sent = 0;
        while (_head < _count)
        {
            int result = _pieces[_head].IsCutHere ? SendFirstSegment(fd) : SendPieces(fd, ref sent);
            if (Errno.IsInterrupted(result, out errno))
            {
                continue;
            }

            if (errno == 0)
            {
                sent += _pieces[_head].IsCutHere ? 1 : 0;
                Advance();
                continue;
            }

            // The kernel cannot cut this: too long for the network's packets, or no hardware or software for it. Then we do.
            if (_pieces[_head] is { Segments: > 1, IsCutHere: false } && errno is Errno.Invalid or Errno.MessageTooLong or Errno.InputOutput)
            {
                maxSegment = errno == Errno.InputOutput ? 0 : Math.Min(maxSegment, _pieces[_head].SegmentSize - 1);
                _pieces[_head].IsCutHere = true;
                continue;
            }

            return sent;
        }

        Reset();
        errno = 0;
        return sent;
    }

    /// <summary>Gives up the first datagram of what is left.</summary>
    public void DropFirst()
    {
        _pieces[_head].IsCutHere = true;
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

    private bool TryLengthen(in NativeAddress address, int length, int maxSegment)
    {
        int last = _count - 1;
        ref Piece piece = ref _pieces[last];
        if (piece.SegmentSize > maxSegment || length > piece.SegmentSize || piece.IsEnded || piece.IsCutHere || piece.Segments == MaxSegments
            || (int)_vectors[last].Length + length > MaxTrain || !_addresses[last].Bytes.SequenceEqual(address.Bytes))
        {
            return false;
        }

        if (piece.Segments++ == 1)
        {
            AskToCut(last, piece.SegmentSize);
        }

        // Only the last may be shorter.
        piece.IsEnded = length < piece.SegmentSize;
        _vectors[last].Length += (nuint)length;
        return true;
    }

    private void AskToCut(int index, int segmentSize)
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

    private int SendPieces(int fd, ref int sent)
    {
        var first = (Libc.MultiMessageHeader*)Unsafe.AsPointer(ref _headers[_head]);
        int pieces = Libc.SendMMsg(fd, first, (uint)(_count - _head), LinuxConstants.MsgDontWait | LinuxConstants.MsgNoSignal);
        for (int i = 0; i < pieces; i++)
        {
            sent += _pieces[_head + i].Segments;
        }

        // The caller moves on by the last of them.
        _head += Math.Max(pieces - 1, 0);
        return pieces;
    }

    // 1 also for a datagram of no bytes.
    private int SendFirstSegment(int fd)
    {
        ref Libc.MessageHeader header = ref _headers[_head].Header;
        int length = Math.Min((int)_vectors[_head].Length, _pieces[_head].SegmentSize);
        nint sent = Libc.SendTo(
            fd, (byte*)_vectors[_head].Base, (nuint)length, LinuxConstants.MsgDontWait | LinuxConstants.MsgNoSignal, (byte*)header.Name, header.NameLength);
        return sent >= 0 ? 1 : -1;
    }

    private void Advance()
    {
        ref Piece piece = ref _pieces[_head];
        if (!piece.IsCutHere || --piece.Segments == 0)
        {
            _head++;
            return;
        }

        ref Libc.IoVector vector = ref _vectors[_head];
        vector.Base = (byte*)vector.Base + piece.SegmentSize;
        vector.Length -= (nuint)piece.SegmentSize;
    }

    private struct Piece
    {
        public int SegmentSize;
        public int Segments;

        /// <summary>Nothing can follow in the same piece.</summary>
        public bool IsEnded;

        /// <summary>Its datagrams are sent one by one.</summary>
        public bool IsCutHere;
    }
}
