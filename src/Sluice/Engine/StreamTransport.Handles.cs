using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine;

internal abstract partial class StreamTransport
{
    /// <summary>Whether received descriptors were closed: the read did not take descriptors, or the process had none free.</summary>
    public bool HandlesLost { get; set; }

    /// <summary>Reads the credentials of the peer of a Unix domain socket.</summary>
    /// <exception cref="PlatformNotSupportedException">The system does not tell.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public virtual PeerCredentials ReadPeerCredentials() => CredentialReader.Read(OptionsForCallers);

    /// <summary>Makes a payload of bytes, one at least, that carry descriptors: it owns them, and closes them when the peer has its own.</summary>
    public IExternalPayload OpenHandles(ReadOnlyMemory<byte> bytes, SocketHandle[] handles) => new HandleMessage(this, bytes, handles);

    /// <summary>Tries to send a message, as <see cref="IExternalPayload.TrySend"/>.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public abstract int TrySendHandles(HandleMessage message, ISinkClient client, out bool pending);

    /// <summary>Tries to receive bytes, and the descriptors that come with them.</summary>
    public int TryReceive(Span<byte> buffer, ICollection<SocketHandle> handles)
    {
        if (!TryBeginReceive(out int result))
        {
            return result;
        }

        // recvmsg(2) stops after a message with descriptors, so a short result does not mean an empty socket (unix(7)).
        return FinishReceive(ReceiveHandles(buffer, handles, out SocketError error), mayBeMore: true, error);
    }

    /// <summary>Tries once to receive, as <see cref="Receive"/>. The system closes the descriptors if <paramref name="handles"/> is null.</summary>
    protected abstract int ReceiveHandles(Span<byte> buffer, ICollection<SocketHandle>? handles, out SocketError error);
}
