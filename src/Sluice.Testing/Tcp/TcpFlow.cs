namespace Sluice.Testing.Tcp;

/// <summary>A connection as the network sees it, with both ends.</summary>
internal sealed class TcpFlow(int number)
{
    private TcpConnection? _client;
    private TcpConnection? _server;

    public int Number { get; } = number;

    /// <summary>Gets a value indicating whether no segment of it arrives any more.</summary>
    public bool IsCut { get; private set; }

    public void SetClient(TcpConnection client) => _client = client;

    public void SetServer(TcpConnection server) => _server = server;

    /// <summary>Cuts the connection.</summary>
    public void Cut(SimulatedNetwork network, bool silently)
    {
        IsCut = true;
        if ((_client ?? _server)?.Stack.Host is { } host)
        {
            network.TraceFault(host, null, $"connection #{Number} is cut");
        }

        if (!silently)
        {
            _client?.OnReset();
            _server?.OnReset();
        }
    }
}
