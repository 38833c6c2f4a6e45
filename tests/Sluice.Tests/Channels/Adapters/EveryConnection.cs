namespace Sluice.Tests.Channels.Adapters;

/// <summary>Tests that run over every kind of connection: a view must not show what lies below.</summary>
public abstract class EveryConnection(SelectorEngine engine) : TlsFixture(engine)
{
    /// <summary>Two connections.</summary>
    /// <param name="kind">What lies below them.</param>
    /// <param name="closeTimeout">How long each waits in closing; null for the default.</param>
    protected async Task<(Connection Client, Connection Server)> ConnectAsync(ConnectionKind kind, TimeSpan? closeTimeout = null)
    {
        (Connection client, Connection server) = kind switch
        {
            ConnectionKind.Tcp or ConnectionKind.Tls => await ConnectPairAsync(Configure, options => Configure(options.Accepted)),
            ConnectionKind.Unix => await ConnectUnixAsync(Configure),
            _ => ByteChannel.CreateConnectedPair(new ByteChannelOptions { CloseTimeout = closeTimeout ?? TimeSpan.FromSeconds(5) }),
        };
        if (kind is not (ConnectionKind.Tls or ConnectionKind.MemoryTls))
        {
            return (client, server);
        }

        Task<Connection> serving = server.UpgradeToTlsServerAsync(Serving()).AsTask();
        return (await client.UpgradeToTlsClientAsync(Trusting()).Soon(), await serving.Soon());

        void Configure(StreamSocketOptions options)
        {
            // Small, so that it is soon known that a peer does not read; where a close has its time, also much smaller than the channel's buffer, so that what the
            // kernel still moves to such a peer never makes room for all the rest.
            int size = closeTimeout is null ? 64 * 1024 : 8 * 1024;
            options.SendBufferSize = size;
            options.ReceiveBufferSize = size;
            options.CloseTimeout = closeTimeout ?? options.CloseTimeout;
        }
    }

    /// <summary>Disposes of a stream either way; the synchronous one on a thread of its own.</summary>
    protected static Task DisposeAsync(Stream stream, bool async) => async ? stream.DisposeAsync().AsTask() : Task.Run(stream.Dispose);

    private async Task<(Connection Client, Connection Server)> ConnectUnixAsync(Action<StreamSocketOptions> configure)
    {
        (StreamSocket first, StreamSocket second) = await Selector.Unix().Configure(configure).CreatePairAsync().Soon();
        return (first.OpenConnection(), second.OpenConnection());
    }
}
