using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>
/// Tests that run over each engine, with a selector of their own each. <c>SLUICE_ENGINE</c> in the environment narrows a run to one engine.
/// </summary>
[TestFixture(SelectorEngine.Epoll)]
[TestFixture(SelectorEngine.Portable)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class BothEngines(SelectorEngine engine)
{
    /// <summary>How long to wait for what has to come. It only matters when a test fails.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private SelectorManager? _selector;

    protected SelectorEngine Engine { get; } = engine;

    protected SelectorManager Selector => _selector ?? throw new InvalidOperationException("There is a selector only while a test runs.");

    /// <summary>A fixture's own options. The engine is set by <see cref="BothEngines"/>.</summary>
    protected virtual SelectorOptions Options => new();

    [SetUp]
    public void StartSelector()
    {
        if (Engine == SelectorEngine.Epoll && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        if (Environment.GetEnvironmentVariable("SLUICE_ENGINE") is { Length: > 0 } only
            && Enum.TryParse(only, ignoreCase: true, out SelectorEngine asked)
            && asked != SelectorEngine.Auto
            && asked != Engine)
        {
            Assert.Ignore($"SLUICE_ENGINE asks for {asked} alone.");
        }

        _selector = CreateManager(Options);
    }

    [TearDown]
    public async Task StopSelector()
    {
        if (_selector is { } selector)
        {
            await selector.DisposeAsync().AsTask().WaitAsync(Patience);
        }
    }

    /// <summary>A manager of a test's own, over the engine of the fixture.</summary>
    protected SelectorManager CreateManager(SelectorOptions? options = null)
    {
        options ??= new SelectorOptions();
        options.Engine = Engine;
        return new SelectorManager(options);
    }

    /// <summary>Two connected sockets, with no channel open yet.</summary>
    protected async Task<(StreamSocket Client, StreamSocket Server)> ConnectSocketsAsync(
        Action<StreamSocketOptions>? client = null, Action<TcpListenerOptions>? server = null)
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1", 0, server).Soon();
        Task<StreamSocket> accepting = listener.AcceptAsync().AsTask();
        StreamSocket connected = await Selector.Tcp().ConnectAsync("127.0.0.1", listener.Port, client).Soon();
        return (connected, await accepting.Soon());
    }

    /// <summary>Two connected sockets, with their channels open.</summary>
    protected async Task<(Connection Client, Connection Server)> ConnectPairAsync(
        Action<StreamSocketOptions>? client = null, Action<TcpListenerOptions>? server = null)
    {
        (StreamSocket connected, StreamSocket accepted) = await ConnectSocketsAsync(client, server);
        return (connected.OpenConnection(), accepted.OpenConnection());
    }

    /// <summary>A connected socket whose peer is a plain one of the framework's: for what only a plain socket can be made to do.</summary>
    protected Task<(StreamSocket Socket, Socket Peer)> ConnectToPlainPeerAsync(
        Action<StreamSocketOptions>? configure = null, Action<Socket>? peer = null) => Peers.ToPlainAsync(Selector, configure, peer);
}
