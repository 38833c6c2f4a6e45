using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sluice.Engine.Epoll;
using Sluice.Engine.Epoll.Balancing;
using Sluice.Tls;

namespace Sluice.Stress.Kit;

/// <summary>A manager with a pool that tracks, and connections of a kind.</summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly X509Certificate2 s_authority = DevelopmentCertificates.CreateAuthority();

    private ServerSocket? _listener;

    public World(SelectorEngine engine, Wire wire, Faults faults, bool traces, TimeSpan? handoffAfter = null)
    {
        Engine = engine;
        Wire = wire;
        Pool = new TrackingPool(faults) { Traces = traces };
        Selector = new SelectorManager(new SelectorOptions
        {
            Engine = engine,
            LoopCount = 2,
            BufferPool = Pool,
            HandoffAfter = handoffAfter ?? TimeSpan.FromMilliseconds(2),
            ElasticLoops = false,
        });
        if (Selector.Sockets is EpollEngine { Loops: [EpollLoop first, EpollLoop second] })
        {
            // Every second event moves its connection to the other loop.
            first.SetOrder(new MoveOrder(second, share: 0.5, repeats: true));
            second.SetOrder(new MoveOrder(first, share: 0.5, repeats: true));
        }
    }

    public static X509Certificate2 Certificate { get; } = DevelopmentCertificates.CreateServer(s_authority);

    public SelectorEngine Engine { get; }

    public Wire Wire { get; }

    public TrackingPool Pool { get; }

    public SelectorManager Selector { get; }

    public static SslClientAuthenticationOptions TlsOptions => new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate();

    public static SslServerAuthenticationOptions ServerOptions => new() { ServerCertificate = Certificate };

    /// <summary>Options of every stream: a close waits for less than a round.</summary>
    public static void Configure(StreamSocketOptions options) => options.CloseTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes a listener of this kind; not for <see cref="Wire.Memory"/>.</summary>
    public async Task<ServerSocket> ListenAsync()
    {
        if (Wire == Wire.Unix)
        {
            return await Selector.Unix().Configure(Configure).BindAsync(Path.Combine(Path.GetTempPath(), $"sluice-stress-{Guid.NewGuid():N}"));
        }

        ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1", 0, options => Configure(options.Accepted));
        return Wire == Wire.Tls ? listener.UseTls(Certificate) : listener;
    }

    public async Task<StreamSocket> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default) => Wire switch
    {
        Wire.Unix => await Selector.Unix().Configure(Configure).ConnectAsync((System.Net.Sockets.UnixDomainSocketEndPoint)endPoint, null, cancellationToken),
        Wire.Tls => await Selector.Tcp().Configure(Configure).ConnectTlsAsync(
            "127.0.0.1", ((IPEndPoint)endPoint).Port, TlsOptions, cancellationToken: cancellationToken),
        _ => await Selector.Tcp().Configure(Configure).ConnectAsync(endPoint, cancellationToken: cancellationToken),
    };

    /// <summary>Two connections that are each other's peer.</summary>
    public async Task<(Connection First, Connection Second)> ConnectPairAsync()
    {
        if (Wire == Wire.Memory)
        {
            return ByteChannel.CreateConnectedPair(new ByteChannelOptions { CloseTimeout = TimeSpan.FromMilliseconds(100), Capacity = 10_000 });
        }

        _listener ??= await ListenAsync();
        Task<StreamSocket> accepting = _listener.AcceptAsync().AsTask();
        StreamSocket client = await ConnectAsync(_listener.LocalEndPoint);
        return (client.OpenConnection(), (await accepting).OpenConnection());
    }

    public ValueTask DisposeAsync() => Selector.DisposeAsync();
}
