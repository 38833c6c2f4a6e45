using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Tls;

/// <summary>The socket timeout of a writer under TLS: a record that is cut off would end the session, so only the writer's wait ends.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TlsTimeoutTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(100);

    [Test]
    public async Task The_socket_timeout_ends_a_write_and_leaves_the_connection_usable()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await using (client)
        await using (server)
        {
            client.Socket.Options.SocketTimeout = s_timeout;
            byte[] piece = new byte[16 * 1024];
            IOException late = Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                {
                    await client.Output.WriteAsync(piece).Soon();
                }
            })!;
            Assert.That(late.InnerException, Is.InstanceOf<TimeoutException>());
            Assert.That(late.Message, Does.StartWith("Writing to "));
            client.Socket.Options.SocketTimeout = Timeout.InfiniteTimeSpan;
            long written = client.Output.TotalBytesWritten;
            Task<long> reading = server.Input.SkipAsync(written).AsTask();
            await client.Output.WriteLineAsync("after").Soon();

            Assert.That(await reading.Soon(), Is.EqualTo(written));
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("after"));
        }
    }

    // A write for which no caller waits has no timeout, as without TLS.
    [Test]
    public async Task The_socket_timeout_does_not_count_while_no_writer_waits()
    {
        var time = new FakeTimeProvider();
        (Connection client, Connection server) = await ConnectInMemoryAsync(time);
        await using (client)
        await using (server)
        {
            await client.Output.WriteAsync(new byte[20_000]).Soon();
            for (int i = 0; i < 20; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            Task<long> reading = server.Input.SkipAsync(20_000).AsTask();
            await client.Output.WriteLineAsync("after").Soon();

            Assert.That(await reading.Soon(), Is.EqualTo(20_000));
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("after"));
        }
    }

    [Test]
    public async Task A_peer_that_takes_little_at_a_time_is_no_timeout()
    {
        var time = new FakeTimeProvider();
        (Connection client, Connection server) = await ConnectInMemoryAsync(time);
        await using (client)
        await using (server)
        {
            Task writing = client.Output.WriteAsync(new byte[128 * 1024]).AsTask();
            DateTimeOffset started = time.GetUtcNow();
            byte[] buffer = new byte[4096];
            for (int left = 128 * 1024; left > 0;)
            {
                left -= await server.Input.ReadAsync(buffer).Soon();

                // Slower than the timeout in all, faster than it each time.
                time.Advance(TimeSpan.FromSeconds(1));
            }

            await writing.Soon();
            Assert.That(time.GetUtcNow() - started, Is.GreaterThan(TimeSpan.FromSeconds(8)));
        }
    }

    private static async Task<(Connection Client, Connection Server)> ConnectInMemoryAsync(TimeProvider time)
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair(new ByteChannelOptions
        {
            Capacity = 4096,
            SocketTimeout = TimeSpan.FromSeconds(8),
            TimeProvider = time,
        });
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        return (await near.UpgradeToTlsClientAsync(Trusting()).Soon(), await serving.Soon());
    }
}
