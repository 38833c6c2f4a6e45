using System.Security.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Tls;

/// <summary>
/// The socket timeout of a reader under TLS while SslStream reads: after a record without content (a ticket of TLS 1.3), or one that filled its memory.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class TlsReadTimeoutTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly SslProtocols[] s_protocols = [SslProtocols.Tls12, SslProtocols.Tls13];

    [Test]
    public async Task The_socket_timeout_ends_a_read_and_leaves_the_channel_open(
        [ValueSource(nameof(s_protocols))] SslProtocols protocol, [Values] bool afterFullRecord)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(Trusting(protocol: protocol));
        await using (client)
        await using (server)
        {
            if (afterFullRecord)
            {
                await server.Output.WriteAsync(new byte[16 * 1024]).Soon();
                await client.Input.SkipExactlyAsync(16 * 1024).Soon();
            }

            client.Socket.Options.SocketTimeout = TimeSpan.FromMilliseconds(100);
            for (int i = 0; i < 2; i++)
            {
                IOException late = Assert.ThrowsAsync<IOException>(async () => await client.Input.ReadLineAsync().Soon())!;
                Assert.That(late.InnerException, Is.InstanceOf<TimeoutException>());
                Assert.That(late.Message, Does.StartWith($"Reading from {client.RemoteEndPoint}"));
                Assert.That(client.Input.IsClosedForRead, Is.False);
                Assert.That(client.Input.CloseCause, Is.Null);
            }

            client.Socket.Options.SocketTimeout = Timeout.InfiniteTimeSpan;
            await server.Output.WriteLineAsync("after").Soon();
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("after"));
        }
    }

    [Test]
    public async Task The_socket_timeout_does_not_count_while_no_reader_waits()
    {
        var time = new FakeTimeProvider();
        (Connection client, Connection server) = await ConnectInMemoryAsync(time, capacity: 64 * 1024);
        using var cancellation = new CancellationTokenSource();
        Task<string?> reading = client.Input.ReadLineAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.ThrowsAsync<OperationCanceledException>(() => reading.Soon());
        for (int i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        // Waits out a read below that times out: it would end on the thread pool.
        await Task.Delay(50);
        await server.Output.WriteLineAsync("after").Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("after"));
    }

    [Test]
    public async Task A_record_that_comes_little_by_little_is_no_timeout()
    {
        const int piece = 64;
        var time = new FakeTimeProvider();
        ByteChannelOptions options = WithTimeout(time, piece);
        (Connection near, Connection nearWire) = ByteChannel.CreateConnectedPair(options);
        (Connection far, Connection farWire) = ByteChannel.CreateConnectedPair(options);
        Task relaying = nearWire.Input.CopyToAsync(farWire.Output).AsTask();
        using var paced = new CancellationTokenSource();
        Task back = farWire.Input.CopyToAsync(nearWire.Output, paced.Token).AsTask();
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection client = await near.UpgradeToTlsClientAsync(Trusting()).Soon();
        Connection server = await serving.Soon();
        await server.Output.WriteLineAsync("before").Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("before"));
        await paced.CancelAsync();
        Assert.ThrowsAsync<OperationCanceledException>(() => back.Soon());

        DateTimeOffset started = time.GetUtcNow();
        Task<byte[]> reading = client.Input.ReadExactlyAsync(1000).AsTask();
        Task writing = server.Output.WriteAsync(new byte[1000]).AsTask();
        byte[] some = new byte[piece];
        while (!reading.IsCompleted)
        {
            // The pipe has room for one piece. So the reader has taken all but two when the time goes on.
            Task<int> next = farWire.Input.ReadAsync(some).AsTask();
            if (await Task.WhenAny(next, reading).Soon() == next)
            {
                await nearWire.Output.WriteAsync(some.AsMemory(0, await next)).Soon();
                await nearWire.Output.FlushAsync().Soon();
                time.Advance(TimeSpan.FromSeconds(2));
            }
        }

        Assert.That(await reading, Has.Length.EqualTo(1000));
        Assert.That(time.GetUtcNow() - started, Is.GreaterThan(TimeSpan.FromSeconds(8)));
        await writing.Soon();
        near.Abort();
        far.Abort();
        await Task.WhenAny(relaying).Soon();
    }

    private static ByteChannelOptions WithTimeout(TimeProvider time, int capacity) =>
        new() { Capacity = capacity, SocketTimeout = TimeSpan.FromSeconds(8), TimeProvider = time };

    private static async Task<(Connection Client, Connection Server)> ConnectInMemoryAsync(TimeProvider time, int capacity)
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair(WithTimeout(time, capacity));
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        return (await near.UpgradeToTlsClientAsync(Trusting()).Soon(), await serving.Soon());
    }
}
