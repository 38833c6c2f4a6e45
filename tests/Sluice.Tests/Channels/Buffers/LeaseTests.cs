using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Tests.Channels.Buffers;

/// <summary>Memory that a caller was handed, to write to or to look at, while the connection ends on another thread.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LeaseTests(SelectorEngine engine) : PoolFixture(engine)
{
    private static readonly Dictionary<string, Func<SelectorManager, Connection, Task>> s_ends = new()
    {
        ["ShutdownOutputAsync"] = (_, connection) => connection.Socket.ShutdownOutputAsync().AsTask(),
        ["CompleteAsync"] = (_, connection) => connection.Output.CompleteAsync().AsTask(),
        ["CompleteAsync with a cause"] = (_, connection) => connection.Output.CompleteAsync(new IOException("no more")).AsTask(),
        ["CloseAsync"] = (_, connection) => connection.CloseAsync().AsTask(),
        ["DisposeAsync"] = (_, connection) => connection.DisposeAsync().AsTask(),
        ["Abort"] = (_, connection) => Do(connection.Abort),
        ["the manager's disposal"] = (selector, _) => selector.DisposeAsync().AsTask(),
        ["a FlushAsync"] = (_, connection) => connection.Output.FlushAsync().AsTask(),
    };

    // What ends reading and says nothing of whether the reader is done with what it has.
    private static readonly Dictionary<string, Func<SelectorManager, Connection, Task>> s_foreignEnds = new()
    {
        ["Cancel"] = (_, connection) => Do(() => connection.Input.Cancel()),
        ["CloseAsync"] = s_ends["CloseAsync"],
        ["Abort"] = s_ends["Abort"],
        ["the manager's disposal"] = s_ends["the manager's disposal"],
    };

    private static readonly Dictionary<string, Func<ByteReadChannel, Task<ReadOnlySequence<byte>>>> s_looks = new()
    {
        ["ReadLineBytesAsync"] = async input => (await input.ReadLineBytesAsync())!.Value,
        ["PeekAsync"] = async input => await input.PeekAsync(4),
        ["ReadFramesAsync"] = async input =>
        {
            await using IAsyncEnumerator<ReadOnlySequence<byte>> frames = input.ReadFramesAsync(FrameDecoder.FixedSize(4)).GetAsyncEnumerator();
            return await frames.MoveNextAsync() ? frames.Current : throw new EndOfStreamException();
        },
    };

    public static IEnumerable<string> Ends => s_ends.Keys;

    public static IEnumerable<string> ForeignEnds => s_foreignEnds.Keys;

    public static IEnumerable<string> Looks => s_looks.Keys;

    [Test]
    public async Task Memory_that_a_pipe_writer_fills_stays_its_own_whatever_ends_the_connection(
        [ValueSource(nameof(Ends))] string end, [Values] bool tls, [Values] bool afterOthers)
    {
        (Connection client, Connection server) = await ConnectAsync(tls);
        Task draining = server.Input.ReadToEndAsync(1_000_000).AsTask();
        PipeWriter writer = client.Output.AsPipeWriter();
        if (afterOthers)
        {
            writer.Write("before"u8);
        }

        Memory<byte> memory = writer.GetMemory(2000);
        await Task.Run(() => s_ends[end](Selector, client)).Soon();
        memory.Span.Fill(1);
        Pool.Check();

        // Dropped where there is no peer to send it to.
        writer.Advance(1000);
        writer.Complete();
        await CloseAsync(client, server);
        await draining.OutcomeAsync();
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task Memory_that_a_callback_fills_stays_its_own_whatever_ends_the_connection([Values] bool tls, [Values] bool pipe)
    {
        (Connection client, Connection server) = await ConnectAsync(tls);
        PipeWriter writer = client.Output.AsPipeWriter();
        ValueTask writing = client.Output.WritePrefixedAsync(LengthPrefix.VarInt, 1000, 0, (room, _) =>
        {
            Task ending = pipe ? Do(() => writer.Complete()) : s_ends["Abort"](Selector, client);
            ending.Wait(Patience);
            room.Fill(1);
            Pool.Check();
            return room.Length;
        });
        await writing.OutcomeAsync();
        await CloseAsync(client, server);
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task A_writer_that_never_comes_back_keeps_its_memory_and_nothing_else([ValueSource(nameof(Ends))] string end)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Memory<byte> memory = client.Output.AsPipeWriter().GetMemory();
        await s_ends[end](Selector, client).Soon();
        await CloseAsync(client, server);
        memory.Span.Fill(1);
        await Waiting.UntilAsync(() => Pool.Outstanding <= 1);
        Pool.Check();
    }

    [Test]
    public async Task What_a_reader_looks_at_stays_as_it_is_while_others_end_the_connection(
        [ValueSource(nameof(Looks))] string look, [ValueSource(nameof(ForeignEnds))] string end, [Values] bool tls)
    {
        (Connection client, Connection server) = await ConnectAsync(tls);
        await client.Output.WriteStringAsync("abc\nrest");
        ReadOnlySequence<byte> seen = await s_looks[look](server.Input).Soon();
        byte[] before = seen.ToArray();
        ReadOnlyMemory<byte> first = seen.First;

        await Task.Run(() => s_foreignEnds[end](Selector, server)).Soon();
        Assert.That(seen.ToArray(), Is.EqualTo(before));
        Assert.That(first.ToArray(), Is.EqualTo(before));

        // The reader's next call says that it is done, as its disposal does.
        Assert.That(await Waiting.FailureAsync(async () => await server.Input.ReadLineAsync()), Is.InstanceOf<ObjectDisposedException>());
        await CloseAsync(client, server);
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task What_a_pipe_reader_looks_at_stays_as_it_is_whatever_ends_the_connection(
        [ValueSource(nameof(Ends))] string end, [Values] bool tls)
    {
        (Connection client, Connection server) = await ConnectAsync(tls);
        await client.Output.WriteStringAsync("bytes");
        PipeReader reader = server.Input.AsPipeReader();
        ReadResult seen = await reader.ReadAsync().Soon();
        ReadOnlyMemory<byte> first = seen.Buffer.First;

        await Task.Run(() => s_ends[end](Selector, server)).Soon();
        Assert.That(first.ToArray(), Is.EqualTo("bytes"u8.ToArray()));
        reader.AdvanceTo(seen.Buffer.End);
        reader.Complete();
        await CloseAsync(client, server);
        await Pool.CheckAllReturnedAsync();
    }

    [Test]
    public async Task What_a_reader_was_handed_goes_back_when_it_disposes_of_the_connection([ValueSource(nameof(Looks))] string look, [Values] bool tls)
    {
        var seen = new List<ReadOnlySequence<byte>>();
        for (int i = 0; i < (tls ? 10 : 200); i++)
        {
            (Connection client, Connection server) = await ConnectAsync(tls);
            await client.Output.WriteStringAsync("abc\nrest");
            seen.Add(await s_looks[look](server.Input).Soon());
            await CloseAsync(client, server);
        }

        await Pool.CheckAllReturnedAsync();

        // Against the rules, and yet not the bytes of another connection.
        Assert.That(seen.Select(sequence => sequence.ToArray()[..3]), Is.All.EqualTo("abc"u8.ToArray()));
    }

    [Test]
    public async Task What_a_handler_was_handed_goes_back_when_it_returns([ValueSource(nameof(Looks))] string look, [Values] bool writes)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0);
        Task serving = server.ServeAsync(async (connection, _) =>
        {
            await s_looks[look](connection.Input);
            if (writes)
            {
                connection.Output.AsPipeWriter().GetMemory();
            }
        });
        for (int i = 0; i < 200; i++)
        {
            await using StreamSocket socket = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            Connection client = socket.OpenConnection();
            await client.Output.WriteStringAsync("abc\nrest");
            Assert.That(await client.Input.ReadToEndAsync(10).Soon(), Is.Empty);
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
        await Pool.CheckAllReturnedAsync();
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
