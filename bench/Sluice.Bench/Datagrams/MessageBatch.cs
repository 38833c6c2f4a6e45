using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Bench.Datagrams;

/// <summary>A batch of datagrams for <c>sendmmsg</c> and <c>recvmmsg</c> on a connected, blocking socket. Linux only.</summary>
internal sealed unsafe partial class MessageBatch
{
    private const int SolUdp = 17;
    private const int UdpSegment = 103;
    private const int MsgWaitForOne = 0x10000;

    private readonly Socket _socket;
    private readonly Message[] _messages;
    private readonly Vector[] _vectors;
    private readonly byte[] _bytes;

    public MessageBatch(Socket socket, int count, int size, int segments = 1)
    {
        _socket = socket;
        int length = size * segments;
        _messages = GC.AllocateArray<Message>(count, pinned: true);
        _vectors = GC.AllocateArray<Vector>(count, pinned: true);
        _bytes = GC.AllocateArray<byte>(count * length, pinned: true);
        for (int i = 0; i < count; i++)
        {
            _vectors[i] = new Vector { Base = (byte*)Unsafe.AsPointer(ref _bytes[i * length]), Length = (nuint)length };
            _messages[i] = new Message
            {
                Name = null,
                NameLength = 0,
                Vectors = (Vector*)Unsafe.AsPointer(ref _vectors[i]),
                VectorCount = 1,
                Control = null,
                ControlLength = 0,
                Flags = 0,
                Received = 0,
            };
        }

        if (segments > 1)
        {
            socket.SetRawSocketOption(SolUdp, UdpSegment, BitConverter.GetBytes(size));
        }
    }

    public int Count => _messages.Length;

    /// <summary>Sends the batch; returns how many were sent, fewer if the system had no room.</summary>
    public int Send(int count) => count == 0 ? 0 : SendMMsg(Descriptor, Messages, (uint)count, 0);

    /// <summary>Waits for one datagram and receives all that have arrived; returns 0 or less on a timeout.</summary>
    public int Receive() => RecvMMsg(Descriptor, Messages, (uint)Count, MsgWaitForOne, null);

    private int Descriptor => (int)_socket.Handle;

    private Message* Messages => (Message*)Unsafe.AsPointer(ref _messages[0]);

    [LibraryImport("libc", EntryPoint = "sendmmsg")]
    private static partial int SendMMsg(int socket, Message* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg")]
    private static partial int RecvMMsg(int socket, Message* messages, uint count, int flags, void* timeout);

    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        public uint Received;
    }
}
