using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

public sealed partial class StreamSocket
{
    /// <summary>What the system knows about the connection: round-trip time, congestion window, retransmits. Linux.</summary>
    /// <returns>How things stand now.</returns>
    /// <exception cref="PlatformNotSupportedException">This system does not tell, or not in this form.</exception>
    /// <exception cref="SocketException">It is no TCP socket (<see cref="SocketError.OperationNotSupported"/>).</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public TcpInfo GetTcpInfo()
    {
        IOptionTarget options = _transport.Options;
        (int level, int name) = OptionNumbers.Translate(SocketOption.TcpInfo, options.Family);
        Span<byte> native = stackalloc byte[TcpInfo.Size];
        native.Clear();
        options.GetRawOption(level, name, native);
        return new TcpInfo(native);
    }

    /// <summary>
    /// Says that nothing more will be read: a read that waits, and every later one, comes to the end of the stream once what has come is read.
    /// Writing goes on. The peer is not told: what it sends is taken by the system until its receive buffer is full, and closing the socket
    /// then resets the connection.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void ShutdownInput()
    {
        ThrowIfClosed();
        _transport.ShutdownInput();
    }
}
