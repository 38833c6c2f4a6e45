using System.Net;
using System.Net.Sockets;
using Sluice.Testing;
using Sluice.Testing.Kernel;
using Sluice.Testing.Tcp;

namespace Sluice;

/// <summary>
/// Stands for the framework's class, which the linked sources find only after this one: a plain stream socket of the simulated host, on its kernel and with
/// nothing of the library. What the simulation has not ends the test as ignored.
/// </summary>
public sealed partial class Socket : IDisposable, IStreamUser
{
    private readonly SimulatedHost _host = SimulatedRun.Current.Host;
    private TcpSettings _settings = new();
    private IListenerSocket<IStreamSocket>? _listener;
    private IStreamSocket? _stream;
    private EndPoint? _bound;
    private bool _connected;
    private bool _closed;

    // Ended, and made anew, whenever the kernel tells of a change.
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Socket(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        AddressFamily = family;
        SocketType = type;
        ProtocolType = protocol;
        if (type != SocketType.Stream)
        {
            throw NotSimulated("a plain datagram socket");
        }
    }

    public Socket(SocketType type, ProtocolType protocol)
        : this(AddressFamily.InterNetworkV6, type, protocol)
    {
    }

    private Socket(AddressFamily family, IStreamSocket accepted)
        : this(family, SocketType.Stream, ProtocolType.Tcp) => Use(accepted);

    public static bool OSSupportsIPv6 => true;

    public static bool OSSupportsUnixDomainSockets => true;

    public AddressFamily AddressFamily { get; }

    public SocketType SocketType { get; }

    public ProtocolType ProtocolType { get; }

    public EndPoint? LocalEndPoint => _stream?.Local ?? _listener?.Local ?? _bound;

    public EndPoint? RemoteEndPoint => _stream?.Remote;

    /// <summary>Gets or sets an option that has no effect: the simulation has no Nagle's algorithm.</summary>
    public bool NoDelay { get; set; }

    public bool DualMode { get; set; }

    public int ReceiveBufferSize
    {
        get => _settings.ReceiveBufferSize;
        set => _settings.ReceiveBufferSize = Math.Max(value, TcpSettings.LeastReceiveBuffer);
    }

    public int SendBufferSize
    {
        get => _settings.SendBufferSize;
        set => _settings.SendBufferSize = Math.Max(value, TcpSettings.LeastSendBuffer);
    }

    public LingerOption? LingerState
    {
        get => new(_settings.LingerSeconds >= 0, Math.Max(0, _settings.LingerSeconds));
        set => _settings.LingerSeconds = value is { Enabled: true } ? value.LingerTime : -1;
    }

    public SafeSocketHandle SafeHandle => throw NotSimulated("a descriptor");

    public int Available => throw NotSimulated("the number of bytes that have come");

    // Where a test adopts a plain socket, or asks for one.
    public static implicit operator System.Net.Sockets.Socket(Socket socket) => throw NotSimulated($"a descriptor of {socket.LocalEndPoint}");

    public static implicit operator Socket(System.Net.Sockets.Socket socket) => throw NotSimulated($"a socket of the system, {socket.AddressFamily}");

    public int GetRawSocketOption(int optionLevel, int optionName, Span<byte> optionValue) => throw NotSimulated($"an option of {optionValue.Length} bytes of the system");

    public Task<int> SendToAsync(ArraySegment<byte> buffer, EndPoint remoteEP) => throw NotSimulated($"a plain datagram of {buffer.Count} bytes to {remoteEP}");

    public bool Poll(int microSeconds, SelectMode mode) => throw NotSimulated($"a look at a socket for {mode}");

    public void OnConnected()
    {
        _connected = true;
        Change();
    }

    public void OnReadable() => Change();

    public void OnWritable() => Change();

    public void OnPeerEnded(bool gone) => Change();

    public void Close() => Dispose();

    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _stream?.Close();
            _listener?.Close();
            Change();
        }
    }

    private static IgnoreException NotSimulated(string what) => new($"The simulation has no {what}.");

    private void Use(IStreamSocket stream)
    {
        _stream = stream;
        _settings = stream is TcpConnection connection ? connection.Settings : _settings;
        stream.User = this;
    }

    private void Change()
    {
        TaskCompletionSource changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _changed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_closed)
        {
            throw new SocketException((int)SocketError.OperationAborted);
        }
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);
}
