using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Options;

namespace Sluice.Engine.Portable;

/// <summary>Reads and sets the options of a <see cref="Socket"/>, by the numbers of the system.</summary>
internal readonly struct PortableSocketOptions(Socket socket) : IOptionTarget
{
    private readonly Socket _socket = socket;

    public AddressFamily Family => _socket.AddressFamily;

    public int GetOption(SocketOption option)
    {
        if (option == SocketOption.LingerSeconds)
        {
            return _socket.LingerState is { Enabled: true } linger ? linger.LingerTime : -1;
        }

        (int level, int name) = OptionNumbers.Translate(option, Family);
        Span<int> value = [0];
        _socket.GetRawSocketOption(level, name, MemoryMarshal.AsBytes(value));
        return option is SocketOption.SendBufferSize or SocketOption.ReceiveBufferSize ? value[0] / BufferSizeFactor : value[0];
    }

    // Never by SocketOptionName: its ReuseAddress also sets SO_REUSEPORT on Unix (dotnet/runtime, SystemNative_SetSockOpt), and two servers would share
    // a port unnoticed.
    public void SetOption(SocketOption option, int value)
    {
        if (option == SocketOption.LingerSeconds)
        {
            _socket.LingerState = new LingerOption(value >= 0, Math.Max(value, 0));
            return;
        }

        (int level, int name) = OptionNumbers.Translate(option, Family);
        try
        {
            _socket.SetRawSocketOption(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
        }
        catch (SocketException exception)
        {
            throw SocketErrors.During(exception.SocketErrorCode, $"Setting the socket option {option}");
        }
    }

    public int GetRawOption(int level, int name, Span<byte> value) => _socket.GetRawSocketOption(level, name, value);

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value) => _socket.SetRawSocketOption(level, name, value);

    // Linux doubles the value that is set, to allow for its overhead, and returns the doubled one (socket(7), SO_RCVBUF).
    private static int BufferSizeFactor => OperatingSystem.IsLinux() ? 2 : 1;
}
