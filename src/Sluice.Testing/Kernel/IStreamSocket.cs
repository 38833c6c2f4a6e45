using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Kernel;

/// <summary>A connected stream socket of a simulated kernel.</summary>
internal interface IStreamSocket
{
    EndPoint Local { get; }

    EndPoint Remote { get; }

    /// <summary>Gets or sets the transport; null before there is one, and after it was closed.</summary>
    IStreamUser? User { get; set; }

    /// <summary>Gets a value indicating whether nothing more arrives: what was received is followed by the end, or an error.</summary>
    bool HasInputEnded { get; }

    /// <summary>Gets how many bytes the peer has not acknowledged, a FIN counted as one.</summary>
    int Unacknowledged { get; }

    /// <summary>Takes bytes to send, as far as there is room. <see cref="IStreamUser.OnWritable"/> follows if it took less than all.</summary>
    int Send(ReadOnlySpan<byte> bytes, out SocketError error);

    /// <summary>Takes received bytes.</summary>
    /// <returns>The number of bytes; 0 at the end of the stream; -1 with an error.</returns>
    int Receive(Span<byte> into, out SocketError error);

    /// <summary>Tells the peer that no more bytes follow.</summary>
    void ShutdownOutput();

    /// <summary>Ends the stream that this side reads.</summary>
    void ShutdownInput();

    /// <summary>Takes the error that the next call reports.</summary>
    SocketError TakeError();

    /// <summary>Closes the socket.</summary>
    void Close();

    /// <summary>Ends the connection at once.</summary>
    void Reset();
}
