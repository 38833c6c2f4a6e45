using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>Disposing of a stream view ends in bounded time, throws nothing, and closes the connection if the stream owns it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class StreamDisposalTests(SelectorEngine engine) : EveryConnection(engine)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(200);

    [Test]
    public async Task A_stream_can_be_disposed_of_while_a_write_waits_for_a_peer_that_does_not_read(
        [Values(ConnectionKind.Tcp, ConnectionKind.Unix, ConnectionKind.Tls, ConnectionKind.Memory)] ConnectionKind kind, [Values] bool owns, [Values] bool async)
    {
        (Connection client, Connection server) = await ConnectAsync(kind, s_soon);
        Stream stream = client.AsStream(owns);
        byte[] bytes = new byte[64 * 1024 * 1024];
        Task writing = stream.WriteAsync(bytes).AsTask();
        await Flood.UntilStalledAsync(client.Output, () => client.Output.TotalBytesWritten, blockSize: 1, SocketBelow(client, kind));
        Assert.That(writing.IsCompleted, Is.False);

        await DisposeAsync(stream, async).Soon();
        Assert.That(stream.CanRead || stream.CanWrite, Is.False);
        if (owns)
        {
            Assert.That(await writing.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
            await CheckCutAsync(kind, server, bytes.Length);
        }
        else
        {
            Assert.That(writing.IsCompleted, Is.False);
            await server.Output.WriteStringAsync("open\n").Soon();
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("open"));
            client.Abort();
            Assert.That(await writing.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        }
    }

    [Test]
    public async Task A_stream_can_be_disposed_of_with_bytes_that_the_peer_does_not_read(
        [Values(ConnectionKind.Tcp, ConnectionKind.Unix, ConnectionKind.Tls, ConnectionKind.Memory)] ConnectionKind kind, [Values] bool owns, [Values] bool async)
    {
        (Connection client, Connection server) = await ConnectAsync(kind, s_soon);
        Stream stream = client.AsStream(owns);
        Flood flood = await Flood.UntilStalledAsync(client.Output, socket: SocketBelow(client, kind));
        await flood.CancelAsync();
        await flood.Writing.OutcomeAsync();

        await DisposeAsync(stream, async).Soon();
        if (owns)
        {
            await CheckCutAsync(kind, server, flood.Accepted);
        }
        else
        {
            // What was not sent in time is still on its way.
            Pattern.Check(await server.Input.ReadExactlyAsync((int)flood.Accepted).Soon(), 0);
        }
    }

    [Test]
    public async Task A_text_writer_can_be_disposed_of_while_the_peer_does_not_read(
        [Values(ConnectionKind.Tcp, ConnectionKind.Memory)] ConnectionKind kind, [Values] bool async, [Values] bool writing)
    {
        (Connection client, Connection server) = await ConnectAsync(kind, s_soon);
        TextWriter text = client.Output.AsTextWriter();
        Flood flood = await Flood.UntilStalledAsync(client.Output, socket: SocketBelow(client, kind));
        if (!writing)
        {
            await flood.CancelAsync();
            await flood.Writing.OutcomeAsync();
        }

        await (async ? text.DisposeAsync().AsTask() : Task.Run(text.Dispose)).Soon();
        Pattern.Check(await server.Input.ReadExactlyAsync((int)flood.Accepted).Soon(), 0);
        await flood.CancelAsync();
        await flood.Writing.OutcomeAsync();
    }

    [Test]
    public async Task A_stream_over_a_pipe_can_be_disposed_of_while_its_reader_does_not_read([Values] bool async)
    {
        var pipe = new Pipe();
        Stream stream = pipe.Writer.AsByteWriteChannel(autoFlush: true).AsStream();
        byte[] bytes = Pattern.Bytes(110_000);
        await stream.WriteAsync(bytes.AsMemory(0, 50_000)).Soon();
        await stream.WriteAsync(bytes.AsMemory(50_000)).Soon();
        await DisposeAsync(stream, async).Soon();
        ReadResult result = await pipe.Reader.ReadAtLeastAsync(bytes.Length).Soon();
        Pattern.Check(result.Buffer.ToArray(), 0);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    [Test]
    public async Task A_stream_can_be_disposed_of_while_a_read_waits([Values] ConnectionKind kind, [Values] bool owns, [Values] bool async)
    {
        (Connection client, Connection server) = await ConnectAsync(kind, s_soon);
        Stream stream = client.AsStream(owns);
        byte[] buffer = new byte[10];
        Task<int> reading = stream.ReadAsync(buffer, 0, 10);
        await DisposeAsync(stream, async).Soon();
        if (owns)
        {
            Assert.That(await reading.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        }
        else
        {
            Assert.That(reading.IsCompleted, Is.False);
            await server.Output.WriteStringAsync("a").Soon();
            Assert.That(await reading.Soon(), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_stream_that_owns_its_connection_sends_what_was_written_and_closes_it([Values] ConnectionKind kind, [Values] bool async)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        Stream stream = client.AsStream(ownsConnection: true);
        byte[] last = Pattern.Bytes(200_000);
        Task<byte[]> reading = Task.Run(async () =>
        {
            byte[] got = await server.Input.ReadToEndAsync(last.Length);
            await server.CloseAsync();
            return got;
        });
        await stream.WriteAsync(last).Soon();
        await DisposeAsync(stream, async).Soon();
        await DisposeAsync(stream, async).Soon();
        await DisposeAsync(stream, !async).Soon();

        Pattern.Check(await reading.Soon(), 0);
        Assert.That(await reading, Has.Length.EqualTo(last.Length));
        Assert.That(await Waiting.FailureAsync(async () => await client.Input.ReadLineAsync()), Is.InstanceOf<ObjectDisposedException>());
        if (kind is ConnectionKind.Tcp or ConnectionKind.Unix or ConnectionKind.Tls)
        {
            Assert.That(client.Socket.IsClosed, Is.True);
            await client.Socket.Completion.Soon();
        }
    }

    [Test]
    public async Task A_disposed_stream_refuses_everything([Values] ConnectionKind kind, [Values] bool owns)
    {
        (Connection client, _) = await ConnectAsync(kind, s_soon);
        Stream stream = client.AsStream(owns);
        await stream.DisposeAsync().Soon();
        byte[] ten = new byte[10];
        Action[] calls =
        [
            () => _ = stream.Read(ten), () => _ = stream.Read(ten, 0, 10), () => stream.ReadByte(), () => _ = stream.ReadAsync(ten).AsTask(),
            () => _ = stream.ReadAsync(ten, 0, 10), () => stream.BeginRead(ten, 0, 10, null, null),
            () => stream.Write(ten), () => stream.Write(ten, 0, 10), () => stream.WriteByte(1), () => _ = stream.WriteAsync(ten).AsTask(),
            () => _ = stream.WriteAsync(ten, 0, 10), () => stream.BeginWrite(ten, 0, 10, null, null),
            stream.Flush, () => _ = stream.FlushAsync(), () => stream.CopyTo(Stream.Null), () => _ = stream.CopyToAsync(Stream.Null),
        ];
        for (int i = 0; i < calls.Length; i++)
        {
            Assert.That(calls[i].Invoke, Throws.InstanceOf<ObjectDisposedException>(), $"call {i}");
        }

        Assert.That(stream.CanRead || stream.CanWrite || stream.CanSeek, Is.False);
    }

    [Test]
    public async Task A_cancelled_download_does_not_hold_up_who_disposes_of_its_stream()
    {
        // The peer sends on: a close reads that away until its time is over, and needs no caller for it.
        (Connection client, Connection server) = await ConnectAsync(ConnectionKind.Tcp, TimeSpan.FromMinutes(10));
        await Flood.UntilStalledAsync(server.Output, socket: server.Socket);
        await DisposeAsync(client.AsStream(ownsConnection: true), async: false).Soon();
        client.Abort();
    }

    [Test]
    public async Task Drivers_get_a_stream_that_owns_its_connection([Values] bool tls, [Values] bool async)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        if (tls)
        {
            server.UseTls(Serving());
        }

        Task serving = server.ServeAsync(async (connection, token) => await connection.Input.CopyAndCompleteAsync(connection.Output, token));
        Func<Task<Stream>>[] connects = tls
            ? [() => Selector.Tcp().ConnectTlsStreamAsync("127.0.0.1", server.Port, Trusting()).AsTask()]
            :
            [
                () => Selector.Tcp().ConnectStreamAsync("127.0.0.1", server.Port).AsTask(),
                () => Selector.Tcp().ConnectStreamAsync(server.LocalEndPoint, options => options.NoDelay = true).AsTask(),
            ];
        foreach (Func<Task<Stream>> connect in connects)
        {
            await EchoAndDisposeAsync(await connect().Soon(), async);
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();

        // Bound, so that no other test listens there.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(await Selector.Tcp().ConnectStreamAsync(silent.LocalEndPoint!).OutcomeAsync(), Is.InstanceOf<SocketException>());
    }

    [Test]
    public async Task Unix_sockets_give_such_a_stream_as_well([Values] bool async)
    {
        using var folder = new UnixFolder();
        await using ServerSocket server = await Selector.Unix().BindAsync(folder["s"]).Soon();
        Task serving = server.ServeAsync(async (connection, token) => await connection.Input.CopyAndCompleteAsync(connection.Output, token));
        await EchoAndDisposeAsync(await Selector.Unix().ConnectStreamAsync(folder["s"]).Soon(), async);
        await EchoAndDisposeAsync(await Selector.Unix().ConnectStreamAsync((UnixDomainSocketEndPoint)server.LocalEndPoint).Soon(), async);
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    // The server stops in time only if the client has closed.
    private static async Task EchoAndDisposeAsync(Stream stream, bool async)
    {
        await stream.WriteAsync("hello"u8.ToArray()).Soon();
        byte[] answer = new byte[5];
        await stream.ReadExactlyAsync(answer).Soon();
        Assert.That(Encoding.UTF8.GetString(answer), Is.EqualTo("hello"));
        await DisposeAsync(stream, async).Soon();
    }

    // Unix domain sockets know no reset: there the peer comes to an end too early.
    private static async Task CheckCutAsync(ConnectionKind kind, Connection connection, long written)
    {
        Exception? failure = await Waiting.FailureAsync(async () => await connection.Input.CopyToAsync(Stream.Null));
        Assert.That(failure, kind == ConnectionKind.Unix ? Is.Null : Is.InstanceOf<IOException>());
        Assert.That(connection.Input.TotalBytesRead, Is.LessThan(written));
    }

    private static StreamSocket? SocketBelow(Connection connection, ConnectionKind kind) =>
        kind is ConnectionKind.Memory or ConnectionKind.MemoryTls ? null : connection.Socket;
}
