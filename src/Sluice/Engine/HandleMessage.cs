using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice.Engine;

/// <summary>Bytes, one at least, that carry descriptors over a Unix domain socket (SCM_RIGHTS, unix(7)).</summary>
internal sealed class HandleMessage(StreamTransport sink, ReadOnlyMemory<byte> bytes, SocketHandle[] handles) : IExternalPayload
{
    private readonly Lock _lock = new();

    // Under _lock: a disposal may come while a try is under way.
    private SocketHandle[] _handles = handles;

    // Of the sender, of which there is one at a time.
    private ReadOnlyMemory<byte> _bytes = bytes;

    // Written by the sender, read by any thread.
    private int _length = bytes.Length;

    public long Length => Volatile.Read(ref _length);

    public int TrySend(ISinkClient client, out bool pending)
    {
        int sent = sink.TrySendHandles(this, client, out pending);
        if (sent > 0)
        {
            // The descriptors went with the first byte, and the peer has its own by now.
            Dispose();
            _bytes = _bytes[sent..];
            Volatile.Write(ref _length, _bytes.Length);
        }

        return sent;
    }

    /// <summary>Tries once to send what is left.</summary>
    /// <param name="socket">The socket to send on.</param>
    /// <param name="attempted">How many bytes there were to send.</param>
    /// <param name="error">Why none were sent.</param>
    /// <returns>How many bytes were sent.</returns>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public int Send(SafeHandle socket, out int attempted, out SocketError error)
    {
        attempted = _bytes.Length;
        lock (_lock)
        {
            return HandleTransfer.Send(socket, _bytes.Span, _handles, out error);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Array.ForEach(_handles, handle => handle.Dispose());
            _handles = [];
        }
    }
}
