using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

[Parallelizable(ParallelScope.All)]
public sealed class JoinTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_copy_that_completes_carries_the_end_across()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        Task<long> copying = server.Input.CopyAndCompleteAsync(near.Output).AsTask();
        await client.Output.WriteStringAsync("all there is").Soon();
        await client.Output.CompleteAsync().Soon();
        Assert.That(Encoding.UTF8.GetString(await far.Input.ReadToEndAsync(100).Soon()), Is.EqualTo("all there is"));
        Assert.That(await copying.Soon(), Is.EqualTo("all there is".Length));
        await far.Output.WriteStringAsync("still open").Soon();
        Assert.That(await near.Input.ReadExactlyAsync(10).Soon(), Is.EqualTo("still open"u8.ToArray()));
    }

    [Test]
    public async Task A_source_that_fails_closes_the_destination_with_the_cause()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        Task<long> copying = server.Input.CopyAndCompleteAsync(near.Output).AsTask();
        client.Abort();
        Exception failure = (await copying.OutcomeAsync())!;
        Assert.That(failure, Is.InstanceOf<IOException>());
        await AssertResetAsync(far, failure);
        Assert.That(near.Output.CloseCause, Is.SameAs(failure));
    }

    [Test]
    public async Task A_source_that_is_closed_here_is_a_failed_peer_to_the_reader_of_the_destination()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        Task<long> copying = server.Input.CopyAndCompleteAsync(near.Output).AsTask();
        server.Abort();
        Exception closed = (await copying.OutcomeAsync())!;
        Assert.That(closed, Is.InstanceOf<ObjectDisposedException>());
        await AssertResetAsync(far, closed);
        client.Abort();
    }

    [Test]
    public async Task A_destination_that_fails_cancels_the_source_with_the_cause()
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        (Connection left, Connection right) = ByteChannel.CreateConnectedPair();
        Task<long> copying = near.Input.CopyAndCompleteAsync(left.Output).AsTask();
        var cause = new FormatException("enough");
        right.Input.Cancel(cause);
        await far.Output.WriteStringAsync("in vain").Soon();
        await Waiting.UntilAsync(async () => await Waiting.FailureAsync(() => far.Output.WriteByteAsync(1)) is IOException);
        var failure = (IOException)(await copying.OutcomeAsync())!;
        Assert.That(failure.InnerException, Is.SameAs(cause));
        Assert.That(near.Input.CloseCause, Is.SameAs(failure));
    }

    [Test]
    public async Task A_cancelled_copy_leaves_both_open()
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        (Connection left, Connection right) = ByteChannel.CreateConnectedPair();
        using var cancellation = new CancellationTokenSource();
        Task<long> copying = near.Input.CopyAndCompleteAsync(left.Output, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.That(await copying.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        await far.Output.WriteByteAsync(7).Soon();
        Assert.That(await near.Input.ReadByteAsync().Soon(), Is.EqualTo(7));
        await left.Output.WriteByteAsync(8).Soon();
        Assert.That(await right.Input.ReadByteAsync().Soon(), Is.EqualTo(8));
    }

    [Test]
    public async Task Joined_connections_are_one_and_a_half_close_goes_through()
    {
        const int length = 3_000_000;
        (Connection client, Connection inbound) = await ConnectPairAsync();
        (Connection outbound, Connection server) = await ConnectPairAsync();
        Task joining = inbound.JoinAsync(outbound).AsTask();
        Task sending = Task.Run(async () =>
        {
            await client.Output.WriteAsync(Pattern.Bytes(length, 0));
            await client.Output.CompleteAsync();
        });
        Pattern.Check(await server.Input.ReadToEndAsync(length).Soon(), 0);
        Assert.That(joining.IsCompleted, Is.False);
        await server.Output.WriteStringAsync("the answer").Soon();
        await server.Output.CompleteAsync().Soon();
        Assert.That(await client.Input.ReadToEndAsync(100).Soon(), Is.EqualTo("the answer"u8.ToArray()));
        await sending.Soon();
        await joining.Soon();
        Assert.That(inbound.Input.TotalBytesRead, Is.EqualTo(length));
        Assert.That(outbound.Output.TotalBytesWritten, Is.EqualTo(length));
        Assert.That(inbound.Output.TotalBytesWritten, Is.EqualTo("the answer".Length));
    }

    [Test]
    public async Task A_reset_on_one_side_is_a_reset_on_the_other_and_what_the_join_tells()
    {
        (Connection client, Connection inbound) = await ConnectPairAsync();
        (Connection outbound, Connection server) = await ConnectPairAsync();
        Task joining = inbound.JoinAsync(outbound).AsTask();
        await client.Output.WriteByteAsync(1).Soon();
        Assert.That(await server.Input.ReadByteAsync().Soon(), Is.EqualTo(1));
        client.Abort();
        var failure = (IOException)(await server.Input.ReadByteAsync().OutcomeAsync())!;
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(await joining.OutcomeAsync(), Is.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_join_ends_when_a_peer_aborts_and_so_does_the_other_peers_connection([Values] bool inMemory)
    {
        (Connection near, Connection far) = inMemory ? ByteChannel.CreateConnectedPair() : await ConnectPairAsync();
        (Connection left, Connection right) = inMemory ? ByteChannel.CreateConnectedPair() : await ConnectPairAsync();
        Task joining = near.JoinAsync(left).AsTask();
        far.Abort();
        Assert.That(await joining.OutcomeAsync(), Is.InstanceOf<IOException>());
        Assert.That(await right.Input.ReadLineAsync().OutcomeAsync(), Is.InstanceOf<IOException>());
        right.Abort();
    }

    [Test]
    public async Task A_join_of_a_connection_with_a_read_in_progress_is_refused_and_disturbs_nothing()
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        (Connection left, Connection right) = ByteChannel.CreateConnectedPair();
        Task<byte> reading = left.Input.ReadByteAsync().AsTask();
        Assert.Throws<InvalidOperationException>(() => _ = near.JoinAsync(left).AsTask());
        await right.Output.WriteByteAsync(9).Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(9));
        Task joining = near.JoinAsync(left).AsTask();
        await far.Output.WriteByteAsync(5).Soon();
        Assert.That(await right.Input.ReadByteAsync().Soon(), Is.EqualTo(5));
        await far.Output.CompleteAsync().Soon();
        await right.Output.CompleteAsync().Soon();
        await joining.Soon();
    }

    // As the reader of a socket would see it.
    private static async Task AssertResetAsync(Connection connection, Exception cause)
    {
        Exception? failure = await connection.Input.ReadByteAsync().OutcomeAsync();
        Assert.That((failure?.InnerException as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset), $"{failure}");
        Assert.That(failure!.Message, Does.EndWith(cause.Message));
    }
}
