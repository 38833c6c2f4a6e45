using System.Net.Sockets;

namespace Sluice.Tests.Channels.Writing;

// What ends a write, or refuses it.
public sealed partial class WriteTests
{
    [Test]
    public async Task Closing_ends_a_suspended_write_and_itself_in_time()
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync(options => options.CloseTimeout = TimeSpan.FromMilliseconds(300));
        using Socket closing = peer;
        Flood flood = await Flood.UntilStalledAsync(socket.OpenWriteChannel(autoFlush: true));

        Task closed = socket.CloseAsync().AsTask();
        Assert.ThrowsAsync<ObjectDisposedException>(() => flood.Writing.Soon());
        await closed.Soon();
        await socket.Completion.Soon();
    }

    [Test]
    public async Task Closing_still_sends_what_was_accepted()
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync(options => options.CloseTimeout = Patience);
        using Socket closing = peer;
        Flood flood = await Flood.UntilStalledAsync(socket.OpenWriteChannel(autoFlush: true));

        Task closed = socket.CloseAsync().AsTask();
        Assert.ThrowsAsync<ObjectDisposedException>(() => flood.Writing.Soon());
        byte[] got = await ReceiveToEndAsync(peer).Soon();
        await closed.Soon();
        Assert.That(got, Has.Length.EqualTo(flood.Accepted));
        Pattern.Check(got, 0);
    }

    [Test]
    public async Task Aborting_ends_a_suspended_write()
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        Flood flood = await Flood.UntilStalledAsync(socket.OpenWriteChannel(autoFlush: true));

        socket.Abort();
        Assert.ThrowsAsync<ObjectDisposedException>(() => flood.Writing.Soon());
        await socket.Completion.Soon();
    }

    [Test]
    public async Task Disposing_of_the_manager_ends_a_suspended_write()
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        using Socket closing = peer;
        Flood flood = await Flood.UntilStalledAsync(socket.OpenWriteChannel(autoFlush: true));

        await Selector.DisposeAsync().Soon();
        Assert.ThrowsAsync<ObjectDisposedException>(() => flood.Writing.Soon());
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Nothing_can_be_written_after_completion(string kind)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.CompleteAsync().Soon();
        Assert.ThrowsAsync<ObjectDisposedException>(() => s_writes[kind](client.Output, CancellationToken.None).Soon());

        await client.Output.FlushAsync().Soon();
        await client.Output.CompleteAsync().Soon();
        Assert.That(await server.Input.ReadAsync(new byte[1]).Soon(), Is.Zero);

        await server.Output.WriteStringAsync("reading goes on\n").Soon();
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("reading goes on"));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Nothing_can_be_written_after_a_close(string kind)
    {
        (Connection client, _) = await ConnectPairAsync();
        await client.Socket.CloseAsync().Soon();
        Assert.ThrowsAsync<ObjectDisposedException>(() => s_writes[kind](client.Output, CancellationToken.None).Soon());
        Assert.ThrowsAsync<ObjectDisposedException>(() => client.Output.FlushAsync().Soon());
        Assert.ThrowsAsync<ObjectDisposedException>(() => client.Output.CompleteAsync().Soon());
    }

    [TestCaseSource(nameof(Writes))]
    public async Task A_token_that_is_cancelled_already_stops_a_write_before_anything(string kind)
    {
        (Connection client, _) = await ConnectPairAsync();
        var cancelled = new CancellationToken(canceled: true);
        Task writing = s_writes[kind](client.Output, cancelled);
        Assert.That(writing.IsCanceled, Is.True);
        Assert.That(Assert.CatchAsync<OperationCanceledException>(() => writing)!.CancellationToken, Is.EqualTo(cancelled));
        Assert.That(client.Output.UnsentBytes, Is.Zero);
        await client.Output.WriteAsync(new byte[1]).Soon();
    }

    [Test]
    public async Task Completion_tells_the_peer_after_the_last_byte()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] sent = Pattern.Bytes(1_000_000);
        Task writing = Task.Run(async () =>
        {
            await client.Output.WriteAsync(sent);
            await client.Output.CompleteAsync();
            await client.Output.CompleteAsync();
        });

        byte[] got = new byte[sent.Length];
        await server.Input.ReadExactlyAsync(got).Soon();
        Assert.That(await server.Input.ReadAsync(new byte[1]).Soon(), Is.Zero);
        await writing.Soon();
        Pattern.Check(got, 0);
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Writing_to_a_peer_that_has_reset_fails_within_a_few_writes_and_for_good(string kind)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush: true);
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();

        IOException? failure = null;
        for (int i = 0; i < 1000 && failure is null; i++)
        {
            try
            {
                await s_writes[kind](output, CancellationToken.None).Soon();
                await output.FlushAsync().Soon();
            }
            catch (IOException exception)
            {
                failure = exception;
            }
        }

        Assert.That(failure?.InnerException, Is.InstanceOf<SocketException>());
        Assert.That(((SocketException)failure!.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        foreach (string later in Writes)
        {
            Assert.ThrowsAsync<IOException>(() => s_writes[later](output, CancellationToken.None).Soon());
        }

        foreach (string later in Flushes.Where(later => later != "PipeWriter"))
        {
            Assert.ThrowsAsync<IOException>(() => s_flushes[later](output, CancellationToken.None).Soon());
        }

        Assert.That((await output.AsPipeWriter().FlushAsync()).IsCompleted, "as a pipe says it whose reader has gone");

        Assert.ThrowsAsync<IOException>(() => socket.OpenReadChannel().ReadAsync(new byte[1]).Soon(), "the reader hears of it too");
        Assert.That(output.UnsentBytes, Is.Zero, "what cannot be sent is not kept");
        await socket.CloseAsync().Soon();
        await socket.Completion.Soon();
    }

    [Test]
    public async Task A_reset_ends_a_suspended_write()
    {
        (StreamSocket socket, Socket peer) = await ConnectToSlowPeerAsync();
        Flood flood = await Flood.UntilStalledAsync(socket.OpenWriteChannel(autoFlush: true));
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();

        IOException failure = Assert.ThrowsAsync<IOException>(() => flood.Writing.Soon())!;
        Assert.That(failure.InnerException, Is.InstanceOf<SocketException>());
        await socket.CloseAsync().Soon();
    }
}
