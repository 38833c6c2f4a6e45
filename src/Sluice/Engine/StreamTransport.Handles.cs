using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice.Engine;

internal abstract partial class StreamTransport
{
    /// <summary>Whether descriptors came that nobody got: with bytes that were read without asking for them, or beyond what may be open.</summary>
    public bool HandlesLost { get; set; }

    /// <summary>Bytes, one at least, that carry descriptors, which this takes over and closes when the peer has them.</summary>
    public abstract IExternalPayload OpenHandles(ReadOnlyMemory<byte> bytes, SocketHandle[] handles);

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
