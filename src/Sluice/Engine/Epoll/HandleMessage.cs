using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Bytes that carry descriptors.</summary>
internal sealed class HandleMessage(EpollStream sink, ReadOnlyMemory<byte> bytes, SocketHandle[] handles) : IExternalPayload
{
    private readonly Lock _lock = new();
    private SocketHandle[] _handles = handles;
    private ReadOnlyMemory<byte> _bytes = bytes;
    private int _length = bytes.Length;

    public long Length => Volatile.Read(ref _length);

    public int TrySend(ISinkClient client, out bool pending)
    {
        int sent = sink.TrySend(new Sending(this), client, out pending);
        if (sent > 0)
        {
            // They went with the first byte, and the peer has its own by now.
            Dispose();
            _bytes = _bytes[sent..];
            Volatile.Write(ref _length, _bytes.Length);
        }

        return sent;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Array.ForEach(_handles, handle => handle.Dispose());
            _handles = [];
        }
    }

    private readonly struct Sending(HandleMessage message) : ISocketSend
    {
        public int Send(SocketHandle socket, out int attempted, out SocketError error)
        {
            attempted = message._bytes.Length;
            lock (message._lock)
            {
                return HandleTransfer.Send(socket, message._bytes.Span, message._handles, out error);
            }
        }
    }
}
