using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>User code that returns what it must not, or cancels a call that nobody has canceled: its caller gets an error that says so, and nothing else breaks.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class WrongResultTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_copy_from_a_stream_that_claims_to_have_read_more_or_less_than_is_possible_sends_nothing_of_it(
        [Values(-1, int.MinValue, 1, 100_000)] int over, [Values] bool waits)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        AnsweringStream stream = Answering(room => over < 0 ? over : room + over, waits);
        Exception? failure = await client.Output.CopyFromAsync(stream, 1000).OutcomeAsync();
        Assert.That(failure, Is.TypeOf<IOException>().With.Message.Contains("The stream says that it has read"));
        await client.Output.WriteLineAsync("after").Soon();
        await client.Output.CompleteAsync().Soon();
        Assert.That(await server.Input.ReadToEndAsync(10_000).Soon(), Is.EqualTo("after\r\n"u8.ToArray()));
    }

    [Test]
    public async Task A_channel_over_a_stream_that_claims_to_have_read_more_or_less_than_is_possible_fails(
        [Values(-1, int.MinValue, 1, 100_000)] int over, [Values] bool waits)
    {
        ByteReadChannel input = Answering(room => over < 0 ? over : room + over, waits).AsByteReadChannel();
        for (int i = 0; i < 2; i++)
        {
            Exception? failure = await input.ReadLineAsync().OutcomeAsync();
            Assert.That(failure, Is.TypeOf<IOException>().With.Message.Contains("The stream says that it has read"));
        }
    }

    [Test]
    public async Task A_stream_or_a_pipe_that_cancels_itself_is_a_failure_for_a_caller_who_has_canceled_nothing([Values] bool waits)
    {
        AnsweringStream stream = Answering(_ => throw new OperationCanceledException("on its own"), waits);
        (Connection client, _) = await ConnectPairAsync();
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(new OperationCanceledException("on its own"));
        using var cancellation = new CancellationTokenSource();
        foreach (Task<Exception?> call in new[]
        {
            stream.AsByteReadChannel().ReadLineAsync(cancellation.Token).OutcomeAsync(),
            pipe.Reader.AsByteReadChannel().ReadLineAsync(cancellation.Token).OutcomeAsync(),
            client.Output.CopyFromAsync(stream, cancellation.Token).OutcomeAsync(),
        })
        {
            Exception? failure = await call.Soon();
            Assert.That(failure, Is.TypeOf<IOException>().With.Message.EndsWith("on its own").And.InnerException.InstanceOf<OperationCanceledException>());
        }
    }

    [Test]
    public async Task A_resolver_that_returns_null_is_named_and_null_addresses_are_none()
    {
        Exception? failure = await ConnectAsync(null!);
        Assert.That(failure, Is.TypeOf<InvalidOperationException>().With.Message.Contains("The name resolver has returned null for name.example"));
        Assert.That((await ConnectAsync([null!]) as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));

        async Task<Exception?> ConnectAsync(IReadOnlyList<IPAddress> addresses)
        {
            await using SelectorManager selector = CreateManager(new SelectorOptions { NameResolver = new FixedResolver(addresses) });
            return await selector.Tcp().ConnectAsync("name.example", 1).OutcomeAsync();
        }
    }

    [Test]
    public async Task A_handler_that_returns_null_ends_its_connection_alone()
    {
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync((_, _) => null!, new ServeOptions { OnError = (_, exception) => told.TrySetResult(exception) });
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint);
        Assert.That((await told.Task.Soon()).Message, Does.Contain("returned null instead of a task"));
        await server.StopAsync(TimeSpan.FromSeconds(5)).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_pool_that_gives_null_is_named()
    {
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = new EmptyPool() });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        await using StreamSocket client = await selector.Tcp().ConnectAsync(server.LocalEndPoint);
        Exception? failure = await Task.Run(() => client.OpenWriteChannel(autoFlush: true).WriteLineAsync("text").AsTask()).OutcomeAsync();
        Assert.That(failure, Is.TypeOf<InvalidOperationException>().With.Message.Contains("The buffer pool has returned null"));
    }

    private static AnsweringStream Answering(Func<int, int> answer, bool waits) => new(async room =>
    {
        if (waits)
        {
            await Task.Yield();
        }

        return answer(room);
    });

    private sealed class FixedResolver(IReadOnlyList<IPAddress> addresses) : INameResolver
    {
        public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken) => new(addresses);
    }

    private sealed class EmptyPool : MemoryPool<byte>
    {
        public override int MaxBufferSize => 4096;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => null!;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
