using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

public sealed partial class StreamSocket
{
    /// <summary>Gets the system's data about the connection: round-trip time, congestion window, retransmits. Linux only.</summary>
    /// <returns>A snapshot.</returns>
    /// <exception cref="PlatformNotSupportedException">The system has no such data, or not in this form.</exception>
    /// <exception cref="SocketException">It is not a TCP socket (<see cref="SocketError.OperationNotSupported"/>).</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public TcpInfo GetTcpInfo()
    {
        IOptionTarget options = _transport.OptionsForCallers;
        (int level, int name) = OptionNumbers.Translate(SocketOption.TcpInfo, options.Family);
        Span<byte> native = stackalloc byte[TcpInfo.Size];
        native.Clear();
        options.GetRawOption(level, name, native);
        return new TcpInfo(native);
    }

    /// <summary>
    /// Shuts down the input: pending and later reads return what has arrived, and then the end of the stream. Writing continues. The peer is not informed:
    /// the system accepts what it sends until the receive buffer is full, and the close of the socket then resets the connection.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void ShutdownInput()
    {
        ThrowIfClosed();
        try
        {
            _transport.ShutdownInput();
        }
        catch (ObjectDisposedException)
        {
            // Closed by another thread in between.
            throw _transport.Closed();
        }
    }
}
