using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Sockets;

/// <summary>The options of a simulated socket. Those that the simulation has no use for keep their value.</summary>
internal sealed class SimulatedSocketOptions : IOptionTarget
{
    private readonly Dictionary<SocketOption, int> _others;
    private readonly Dictionary<(int Level, int Name), byte[]> _raw;
    private bool _closed;

    public SimulatedSocketOptions(AddressFamily family, TcpSettings? settings = null)
    {
        Family = family;
        Settings = settings ?? new TcpSettings();
        _others = [];
        _raw = [];
    }

    /// <summary>Creates the options of a connection that a listener has accepted, which inherits the listener's, as on Linux.</summary>
    public SimulatedSocketOptions(SimulatedSocketOptions listener, TcpSettings settings)
    {
        Family = listener.Family;
        Settings = settings;
        _others = new(listener._others);
        _raw = new(listener._raw);
    }

    public AddressFamily Family { get; }

    public TcpSettings Settings { get; }

    /// <summary>Gets or sets what counts the datagrams that there was no room for.</summary>
    public Func<uint>? CountDrops { get; set; }

    /// <summary>Refuses every access from now on, as the descriptor of a closed socket does.</summary>
    public void Close() => _closed = true;

    public int GetOption(SocketOption option) => _closed ? throw Closed() : option switch
    {
        SocketOption.ReuseAddress => Settings.ReuseAddress ? 1 : 0,
        SocketOption.ReusePort => Settings.ReusePort ? 1 : 0,
        SocketOption.IPv6Only => Settings.IPv6Only ? 1 : 0,
        SocketOption.SendBufferSize => Settings.SendBufferSize,
        SocketOption.ReceiveBufferSize => Settings.ReceiveBufferSize,
        SocketOption.LingerSeconds => Settings.LingerSeconds,
        SocketOption.KeepAlive => Settings.KeepAlive ? 1 : 0,
        SocketOption.KeepAliveTime => (int)Settings.KeepAliveTime.TotalSeconds,
        SocketOption.KeepAliveInterval => (int)Settings.KeepAliveInterval.TotalSeconds,
        SocketOption.KeepAliveCount => Settings.KeepAliveCount,
        SocketOption.UserTimeout => (int)Settings.UserTimeout.TotalMilliseconds,
        _ => _others.GetValueOrDefault(option),
    };

    public void SetOption(SocketOption option, int value)
    {
        ThrowIfClosed();
        switch (option)
        {
            case SocketOption.ReuseAddress:
                Settings.ReuseAddress = value != 0;
                break;
            case SocketOption.ReusePort:
                Settings.ReusePort = value != 0;
                break;
            case SocketOption.IPv6Only:
                Settings.IPv6Only = value != 0;
                break;
            case SocketOption.SendBufferSize:
                Settings.SendBufferSize = Math.Max(value, TcpSettings.LeastSendBuffer);
                break;
            case SocketOption.ReceiveBufferSize:
                Settings.ReceiveBufferSize = Math.Max(value, TcpSettings.LeastReceiveBuffer);
                break;
            case SocketOption.LingerSeconds:
                Settings.LingerSeconds = value;
                break;
            case SocketOption.KeepAlive:
                Settings.KeepAlive = value != 0;
                break;
            case SocketOption.KeepAliveTime:
                Settings.KeepAliveTime = TimeSpan.FromSeconds(value);
                break;
            case SocketOption.KeepAliveInterval:
                Settings.KeepAliveInterval = TimeSpan.FromSeconds(value);
                break;
            case SocketOption.KeepAliveCount:
                Settings.KeepAliveCount = value;
                break;
            case SocketOption.UserTimeout:
                Settings.UserTimeout = TimeSpan.FromMilliseconds(value);
                break;
            default:
                _others[option] = value;
                break;
        }
    }

    public int GetRawOption(int level, int name, Span<byte> value)
    {
        ThrowIfClosed();
        if (CountDrops is { } count && (level, name) == (LinuxConstants.SolSocket, LinuxConstants.SoMemInfo))
        {
            Span<uint> info = MemoryMarshal.Cast<byte, uint>(value);
            info.Clear();
            info[LinuxConstants.MemInfoDrops] = count();
            return value.Length;
        }

        if (!_raw.TryGetValue((level, name), out byte[]? bytes))
        {
            throw new SocketException((int)SocketError.ProtocolOption);
        }

        int length = Math.Min(bytes.Length, value.Length);
        bytes.AsSpan(0, length).CopyTo(value);
        return length;
    }

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value)
    {
        ThrowIfClosed();
        _raw[(level, name)] = value.ToArray();
    }

    private static ObjectDisposedException Closed() => new(typeof(System.Net.Sockets.Socket).FullName);

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw Closed();
        }
    }
}
