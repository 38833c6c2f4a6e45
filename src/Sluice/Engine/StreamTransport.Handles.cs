using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice.Engine;

internal abstract partial class StreamTransport
{
    /// <summary>Whether descriptors came that nobody got: with bytes that were read without asking for them, or beyond what may be open.</summary>
    public bool HandlesLost { get; set; }

    /// <summary>Makes a payload of bytes, one at least, that carry descriptors: it owns them, and closes them when the peer has its own.</summary>
    public IExternalPayload OpenHandles(ReadOnlyMemory<byte> bytes, SocketHandle[] handles) => new HandleMessage(this, bytes, handles);

    /// <summary>Tries to send a message, as <see cref="IExternalPayload.TrySend"/>.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public abstract int TrySendHandles(HandleMessage message, ISinkClient client, out bool pending);

    /// <summary>As <see cref="TryReceive(Span{byte})"/>, with the descriptors that come with the bytes.</summary>
    public int TryReceive(Span<byte> buffer, ICollection<SocketHandle> handles)
    {
        if (!TryBeginReceive(out int result))
        {
            return result;
        }

        // The kernel stops a receive at the message that carries descriptors: a short one says nothing.
        return FinishReceive(ReceiveHandles(buffer, handles, out SocketError error), mayBeMore: true, error);
    }

    /// <summary>As <see cref="Receive"/>; the system closes the descriptors if <paramref name="handles"/> is null.</summary>
    protected abstract int ReceiveHandles(Span<byte> buffer, ICollection<SocketHandle>? handles, out SocketError error);
}
