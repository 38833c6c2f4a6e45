using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Faults.Leaking;

/// <summary>A manager with listeners of each kind, and clients of the same manager.</summary>
internal sealed class LeakWorld : IAsyncDisposable
{
    /// <summary>The number of listeners.</summary>
    public const int Listeners = 4;

    private static readonly X509Certificate2 s_certificate = DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority());

    private readonly List<ServerSocket> _listeners = [];
    private readonly List<Task> _serving = [];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"sluice-faults-{Guid.NewGuid():N}");
    private readonly Socket _refusing = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _full = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _filling = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private int _connects;

    private LeakWorld(SelectorEngine engine, CountingTime time)
    {
        (Engine, Time) = (engine, time);
        Selector = CreateSelector();
    }

    public SelectorEngine Engine { get; }

    public CountingTime Time { get; }

    public SelectorManager Selector { get; }

    /// <summary>Gets the end point of a listener whose TLS handshakes have 20 ms.</summary>
    public EndPoint HurriedTls => new IPEndPoint(NextAddress(), _listeners[3].Port);

    /// <summary>Gets an end point that refuses connections.</summary>
    public EndPoint Refusing => _refusing.LocalEndPoint!;

    /// <summary>Gets an end point whose queue is full: Linux answers no request for a connection.</summary>
    public EndPoint Full => _full.LocalEndPoint!;

    public static async Task<LeakWorld> CreateAsync(SelectorEngine engine, CountingTime time)
    {
        var world = new LeakWorld(engine, time);
        await world.ListenAsync();
        return world;
    }

    public SelectorManager CreateSelector() => new(new SelectorOptions { Engine = Engine, TimeProvider = Time });

    /// <summary>Connects without TLS, and begins with the byte that says how the server's handler ends.</summary>
    public async Task<Connection> ConnectAsync(Wire wire, byte means, SelectorManager? selector = null, Action<StreamSocketOptions>? configure = null)
    {
        StreamSocket socket = await ConnectAsync(selector ?? Selector, wire, configure);
        Connection connection = socket.OpenConnection();
        await connection.Output.WriteAsync(new[] { means });
        byte answer = await connection.Input.ReadByteAsync();
        return answer == means ? connection : throw new InvalidDataException($"{means} was answered by {answer}.");
    }

    /// <summary>Connects without TLS to the listener that expects it.</summary>
    public async Task<StreamSocket> ConnectPlainToTlsAsync() => await Selector.Tcp().ConnectAsync(TcpEndPoint(Wire.Tls));

    public IPEndPoint TcpEndPoint(Wire wire) => new(NextAddress(), _listeners[wire == Wire.Tls ? 2 : 0].Port);

    public async ValueTask DisposeAsync()
    {
        _refusing.Dispose();
        _filling.Dispose();
        _full.Dispose();
        await _listeners.StopAsync(TimeSpan.Zero);
        await Task.WhenAll(_serving);
        await Selector.DisposeAsync();
    }

    private async Task ListenAsync()
    {
        _listeners.Add(await Selector.Tcp().BindAsync("0.0.0.0", configure: options => options.Backlog = 4096));
        _listeners.Add(await Selector.Unix().BindAsync(_path, options => options.Backlog = 4096));
        _listeners.Add((await Selector.Tcp().BindAsync("0.0.0.0", configure: options => options.Backlog = 4096)).UseTls(s_certificate));
        _listeners.Add((await Selector.Tcp().BindAsync("0.0.0.0", configure: options => options.Backlog = 4096)).UseTls(
            s_certificate, new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(20) }));
        _serving.AddRange(_listeners.Select(listener => listener.ServeAsync(LeakServer.HandleAsync)));
        _refusing.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _full.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        // One more than the queue is asked to hold is let in (sk_acceptq_is_full).
        _full.Listen(0);
        await _filling.ConnectAsync(_full.LocalEndPoint!);
    }

    private async Task<StreamSocket> ConnectAsync(SelectorManager selector, Wire wire, Action<StreamSocketOptions>? configure) => wire switch
    {
        Wire.Unix => await selector.Unix().ConnectAsync(_path, configure),
        Wire.Tls => await selector.Tcp().ConnectTlsAsync(
            $"{NextAddress()}", _listeners[2].Port, new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate(), configure: configure),
        _ => await selector.Tcp().ConnectAsync(TcpEndPoint(wire), configure),
    };

    // The ports of one address do not suffice while the system remembers closed connections (TIME_WAIT).
    private IPAddress NextAddress()
    {
        int number = Interlocked.Increment(ref _connects);
        return new IPAddress([127, 0, (byte)(number >> 8 & 0x7), (byte)((number & 0x7f) + 1)]);
    }
}
