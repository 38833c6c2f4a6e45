using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore.Tests;

/// <summary>Connections as Kestrel's handlers have them.</summary>
public sealed class ConnectionTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task A_handler_reads_and_writes_and_a_half_close_is_answered()
    {
        WebApplication server = await ServeAsync(async connection =>
        {
            while (true)
            {
                ReadResult read = await connection.Transport.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    await connection.Transport.Output.WriteAsync(segment);
                }

                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await connection.Transport.Output.WriteAsync("end"u8.ToArray());
                    break;
                }
            }
        });
        using Socket client = await ConnectAsync(server);

        await client.SendAsync("hello"u8.ToArray()).Soon();
        Assert.That(await ReceiveAsync(client, 5), Is.EqualTo("hello"u8.ToArray()));
        client.Shutdown(SocketShutdown.Send);
        Assert.That(await ReceiveAsync(client, 3), Is.EqualTo("end"u8.ToArray()));
        Assert.That(await client.ReceiveAsync(new byte[1]).Soon(), Is.Zero);
    }

    [Test]
    public async Task A_connection_has_the_features_of_Kestrels_own()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            try
            {
                Socket socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
                IConnectionEndPointFeature endPoints = connection.Features.GetRequiredFeature<IConnectionEndPointFeature>();
                Assert.That(endPoints.LocalEndPoint, Is.EqualTo(socket.LocalEndPoint));
                Assert.That(endPoints.RemoteEndPoint, Is.EqualTo(socket.RemoteEndPoint));
                Assert.That(socket.NoDelay, Is.True);
                Assert.That(connection.Features.GetRequiredFeature<IConnectionIdFeature>().ConnectionId, Is.EqualTo(connection.ConnectionId).And.Length.EqualTo(13));
                Assert.That(connection.Features.GetRequiredFeature<IConnectionItemsFeature>().Items, Is.SameAs(connection.Items));
                Assert.That(connection.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed, Is.EqualTo(connection.ConnectionClosed));
                Assert.That(connection.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport, Is.SameAs(connection.Transport));
                Assert.That(connection.Features.Get<IConnectionLifetimeNotificationFeature>(), Is.Not.Null);
                Assert.That(connection.Features.Get<IConnectionCompleteFeature>(), Is.Not.Null);
                Assert.That(connection.Features.GetRequiredFeature<IStreamSocketFeature>().Socket.RemoteEndPoint, Is.EqualTo(connection.RemoteEndPoint));
                using IMemoryOwner<byte> memory = connection.Features.GetRequiredFeature<IMemoryPoolFeature>().MemoryPool.Rent();
                Assert.That(memory.Memory.Length, Is.Positive);
                Assert.That(connection.Features.Count(), Is.GreaterThanOrEqualTo(10));
                Assert.That(connection.Features.Select(feature => feature.Key), Is.Unique);
                connection.Features.Set<IConnectionIdFeature>(null);
                Assert.That(connection.Features.Get<IConnectionIdFeature>(), Is.Null);
                connection.Features.GetRequiredFeature<IConnectionCompleteFeature>().OnCompleted(_ => Task.FromResult(seen.TrySetResult("all")), null!);
            }
            catch (Exception exception)
            {
                seen.SetResult(exception.ToString());
            }

            await Task.CompletedTask;
        });
        using Socket client = await ConnectAsync(server);

        Assert.That(await seen.Task.Soon(), Is.EqualTo("all"));
    }

    [Test]
    public async Task A_writer_waits_for_a_peer_that_does_not_read_and_nothing_is_lost()
    {
        const int chunk = 32 * 1024;
        const int chunks = 2000;
        int written = 0;
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            byte[] bytes = new byte[chunk];
            for (int i = 0; i < chunks; i++)
            {
                bytes.AsSpan().Fill((byte)i);
                ValueTask<FlushResult> flush = connection.Transport.Output.WriteAsync(bytes);
                if (!flush.IsCompleted)
                {
                    waits.TrySetResult();
                }

                Assert.That((await flush).IsCompleted, Is.False);
                Interlocked.Increment(ref written);
            }
        });
        using Socket client = await ConnectAsync(server, bufferSize: 4096);

        await waits.Task.Soon();
        Assert.That(Volatile.Read(ref written), Is.LessThan(chunks));
        for (int i = 0; i < chunks; i++)
        {
            byte[] received = await ReceiveAsync(client, chunk);
            Assert.That(received.AsSpan().IndexOfAnyExcept((byte)i), Is.EqualTo(-1), $"chunk {i}");
        }

        Assert.That(await client.ReceiveAsync(new byte[1]).Soon(), Is.Zero);
    }

    [Test]
    public async Task A_pending_flush_can_be_cancelled_and_the_bytes_stay_on_their_way()
    {
        var flushing = new TaskCompletionSource<ConnectionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var outcome = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] bytes = new byte[20_000_000];
        WebApplication server = await ServeAsync(async connection =>
        {
            connection.Transport.Output.Write(bytes);
            ValueTask<FlushResult> flush = connection.Transport.Output.FlushAsync();
            flushing.SetResult(connection);
            outcome.SetResult(await flush);
            connection.Transport.Output.Complete();
            await connection.Transport.Input.ReadAsync();
            ended.SetResult();
        });
        using Socket client = await ConnectAsync(server, bufferSize: 4096);

        (await flushing.Task.Soon()).Transport.Output.CancelPendingFlush();
        Assert.That((await outcome.Task.Soon()).IsCanceled, Is.True);
        Assert.That(await ReceiveAsync(client, bytes.Length), Is.EqualTo(bytes));
        Assert.That(await client.ReceiveAsync(new byte[1]).Soon(), Is.Zero);
        client.Shutdown(SocketShutdown.Send);
        await ended.Task.Soon();
    }

    [Test]
    public async Task A_pending_read_can_be_cancelled_and_no_byte_is_lost()
    {
        var outcomes = new TaskCompletionSource<(bool, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = new TaskCompletionSource<ConnectionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            ValueTask<ReadResult> pending = connection.Transport.Input.ReadAsync();
            reading.SetResult(connection);
            ReadResult first = await pending;
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            ReadResult second = await connection.Transport.Input.ReadAsync();
            outcomes.SetResult((first.IsCanceled, second.Buffer.Length));
            connection.Transport.Input.AdvanceTo(second.Buffer.End);
        });
        using Socket client = await ConnectAsync(server);

        (await reading.Task.Soon()).Transport.Input.CancelPendingRead();
        await client.SendAsync("12345"u8.ToArray()).Soon();

        Assert.That(await outcomes.Task.Soon(), Is.EqualTo((true, 5L)));
    }

    [Test]
    public async Task An_abort_resets_and_ends_what_waits()
    {
        var reading = new TaskCompletionSource<ConnectionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var failure = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flushed = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            connection.ConnectionClosed.Register(closed.SetResult);
            try
            {
                ValueTask<ReadResult> read = connection.Transport.Input.ReadAsync();
                reading.SetResult(connection);
                await read;
                failure.SetResult(null);
            }
            catch (Exception exception)
            {
                failure.SetResult(exception);
            }

            flushed.SetResult(await connection.Transport.Output.WriteAsync(new byte[10]));
        });
        using Socket client = await ConnectAsync(server);

        (await reading.Task.Soon()).Abort(new ConnectionAbortedException("enough"));

        Assert.That(await failure.Task.Soon(), Is.TypeOf<ConnectionAbortedException>().With.Message.EqualTo("enough"));
        Assert.That((await flushed.Task.Soon()).IsCompleted, Is.True);
        await closed.Task.Soon();
        SocketException? reset = Assert.CatchAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).Soon());
        Assert.That(reset!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_reset_of_the_peer_is_a_ConnectionResetException_and_what_is_written_then_goes_nowhere()
    {
        var failure = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flushed = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            try
            {
                while (!(await connection.Transport.Input.ReadAsync()).IsCompleted)
                {
                    connection.Transport.Input.AdvanceTo(default);
                }

                failure.SetResult(null);
            }
            catch (IOException exception)
            {
                failure.SetResult(exception);
            }

            FlushResult result = default;
            for (int i = 0; i < 1000 && !result.IsCompleted; i++)
            {
                result = await connection.Transport.Output.WriteAsync(new byte[10_000]);
            }

            flushed.SetResult(result);
        });
        using Socket client = await ConnectAsync(server);

        client.LingerState = new LingerOption(true, 0);
        client.Close();

        Assert.That(await failure.Task.Soon(), Is.TypeOf<ConnectionResetException>());
        Assert.That((await flushed.Task.Soon()).IsCompleted, Is.True);
    }

    [Test]
    public async Task An_address_in_use_is_told_as_Kestrel_tells_it()
    {
        WebApplication server = await ServeAsync(_ => Task.CompletedTask);

        IOException? failure = Assert.CatchAsync<IOException>(() => StartAsync(_ => { }, endPoint: EndPointOf(server)).Soon());
        Assert.That(failure!.InnerException, Is.TypeOf<AddressInUseException>());
        Errors.Entries.Clear();
    }

    [Test]
    public async Task A_flush_after_the_completion_of_the_output_or_the_input_throws_nothing([Values] bool input)
    {
        var flushed = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            await output.WriteAsync("last"u8.ToArray());
            await (input ? connection.Transport.Input.CompleteAsync() : output.CompleteAsync());
            try
            {
                flushed.SetResult(await output.FlushAsync());
            }
            catch (Exception exception)
            {
                flushed.SetException(exception);
            }
        });
        using Socket client = await ConnectAsync(server);
        Assert.That(await ReceiveAsync(client, 4), Is.EqualTo("last"u8.ToArray()));
        FlushResult result = await flushed.Task.Soon();
        Assert.That(result.IsCompleted || result.IsCanceled, Is.False);
    }

    [Test]
    public async Task The_connection_factory_connects()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await ServeAsync(async connection =>
        {
            ReadResult read = await connection.Transport.Input.ReadAtLeastAsync(4);
            await connection.Transport.Output.WriteAsync(read.Buffer.ToArray());
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Input.ReadAsync();
            ended.SetResult();
        });
        IConnectionFactory factory = server.Services.GetRequiredService<IConnectionFactory>();

        await using ConnectionContext client = await factory.ConnectAsync(EndPointOf(server)).Soon();
        Assert.That(client.RemoteEndPoint, Is.EqualTo(EndPointOf(server)));
        await client.Transport.Output.WriteAsync("ping"u8.ToArray()).Soon();
        ReadResult answer = await client.Transport.Input.ReadAtLeastAsync(4).Soon();
        Assert.That(answer.Buffer.ToArray(), Is.EqualTo("ping"u8.ToArray()));
        client.Transport.Input.AdvanceTo(answer.Buffer.End);
        await client.DisposeAsync().Soon();
        await ended.Task.Soon();
    }

    private Task<WebApplication> ServeAsync(Func<ConnectionContext, Task> handler) =>
        StartAsync(_ => { }, listen => listen.Run(connection => handler(connection)));

    private static async Task<Socket> ConnectAsync(WebApplication server, int? bufferSize = null)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (bufferSize is { } size)
        {
            client.ReceiveBufferSize = size;
        }

        await client.ConnectAsync(EndPointOf(server)).Soon();
        return client;
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] received = new byte[count];
        for (int i = 0; i < count;)
        {
            int part = await socket.ReceiveAsync(received.AsMemory(i)).Soon();
            Assert.That(part, Is.Positive, $"The connection ended after {i} bytes.");
            i += part;
        }

        return received;
    }
}
