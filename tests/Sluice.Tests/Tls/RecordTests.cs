using System.Security.Authentication;

namespace Sluice.Tests.Tls;

/// <summary>Records that come in whatever pieces.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RecordTests(SelectorEngine engine) : TlsFixture(engine)
{
    private const int Length = 200_000;

    private static readonly int[] s_lengths = [1, 100, 4095, 4096, 4097, 16_383, 16_384, 16_385, 40_000];

    [Test]
    public async Task Records_that_come_in_pieces_are_the_same(
        [Values(1, 2, 4, 5, 6, 7, 1000, 16_405, 16_406, 16_407)] int fragment,
        [Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectInMemoryAsync(fragment, protocol);
        await using (client)
        await using (server)
        {
            foreach (int length in s_lengths)
            {
                byte[] sent = Pattern.Bytes(length);
                Task<byte[]> reading = server.Input.ReadExactlyAsync(length).AsTask();
                await client.Output.WriteAsync(sent).Soon();
                Assert.That(await reading.Soon(), Is.EqualTo(sent));
            }

            await client.CloseAsync().Soon();
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
        }
    }

    [Test]
    public async Task A_record_that_comes_behind_the_session_tickets_is_read_to_its_end([Values(4097, 6000, 16_384, 60_000)] int length)
    {
        (Connection client, Connection server) = await ConnectInMemoryAsync(int.MaxValue, SslProtocols.Tls13);
        await using (client)
        await using (server)
        {
            // With OpenSSL, the server's tickets are under way by now. All of it is there before the client reads, which then gets it in one go.
            byte[] sent = Pattern.Bytes(length);
            await server.Output.WriteAsync(sent).Soon();
            await server.Output.FlushAsync().Soon();
            Assert.That(await client.Input.ReadExactlyAsync(length).Soon(), Is.EqualTo(sent));
        }
    }

    [Test]
    public async Task Reads_of_a_socket_that_are_cancelled_again_and_again_lose_nothing()
    {
        (Connection client, Connection server) = await ConnectTlsAsync();
        await using (client)
        await using (server)
        {
            await ReadAllWithCancelsAsync(client.Output, server.Input, seed: 0);
        }
    }

    [Test]
    public async Task Reads_that_are_cancelled_again_and_again_lose_nothing([Values(1, 7, 5000)] int fragment)
    {
        (Connection client, Connection server) = await ConnectInMemoryAsync(fragment, SslProtocols.None);
        await using (client)
        await using (server)
        {
            await ReadAllWithCancelsAsync(client.Output, server.Input, seed: fragment);
        }
    }

    private static async Task ReadAllWithCancelsAsync(ByteWriteChannel output, ByteReadChannel input, int seed)
    {
        byte[] got = new byte[Length];
        Task writing = WriteInPiecesAsync(output);
        var random = new Random(seed);
        for (int count = 0; count < Length;)
        {
            using var cancellation = new CancellationTokenSource();
            Memory<byte> wanted = got.AsMemory(count, Math.Min(random.Next(1, 20_000), Length - count));
            Task<int> reading = input.ReadAsync(wanted, cancellation.Token).AsTask();
            if (random.Next(2) == 0)
            {
                await cancellation.CancelAsync();
            }

            Exception? failure = await reading.OutcomeAsync();
            Assert.That(failure, Is.Null.Or.InstanceOf<OperationCanceledException>());
            count += failure is null ? await reading : 0;
        }

        await writing.Soon();
        Pattern.Check(got, 0);
    }

    private static async Task<(Connection Client, Connection Server)> ConnectInMemoryAsync(int fragment, SslProtocols protocol)
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { MaxFragment = fragment });
        Task<Connection> serving = far.UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection client = await near.UpgradeToTlsClientAsync(Trusting(protocol: protocol)).Soon();
        return (client, await serving.Soon());
    }

    private static async Task WriteInPiecesAsync(ByteWriteChannel output)
    {
        byte[] bytes = Pattern.Bytes(Length);
        var random = new Random(Length);
        for (int sent = 0; sent < Length;)
        {
            int piece = Math.Min(random.Next(1, 10_000), Length - sent);
            await output.WriteAsync(bytes.AsMemory(sent, piece));
            sent += piece;
            await Task.Yield();
        }
    }
}
