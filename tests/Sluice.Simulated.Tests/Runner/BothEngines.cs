namespace Sluice.TestKit;

/// <summary>
/// Stands for the class of the test kit: tests that run on a simulated host, each with a run of its own. A test is a program of the host, and so are its set-up and
/// its tear-down. As there, a fixture runs beside others only if it says so: the others listen to meters, or use what else the process has once.
/// </summary>
[SimulatedFixture(SelectorEngine.Simulated)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class BothEngines(SelectorEngine engine)
{
    protected static readonly TimeSpan Patience = Waiting.Patience;

    private SelectorManager? _selector;

    protected SelectorEngine Engine { get; } = engine;

    protected SelectorManager Selector => _selector ?? throw new InvalidOperationException("There is a selector only while a test runs.");

    /// <summary>A fixture's own options.</summary>
    protected virtual SelectorOptions Options => new();

    [SetUp]
    public void StartSelector() => _selector = CreateManager(Options);

    [TearDown]
    public async Task StopSelector() => await Selector.DisposeAsync();

    /// <summary>A manager of a test's own, on the same host.</summary>
    protected SelectorManager CreateManager(SelectorOptions? options = null) => SimulatedRun.Current.Host.CreateSelector(options ?? new SelectorOptions());

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

    /// <summary>A connected socket whose peer is a plain one.</summary>
    protected Task<(StreamSocket Socket, Socket Peer)> ConnectToPlainPeerAsync(
        Action<StreamSocketOptions>? configure = null, Action<Socket>? peer = null) => Peers.ToPlainAsync(Selector, configure, peer);
}
