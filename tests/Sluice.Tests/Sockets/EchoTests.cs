using System.IO.Pipelines;

namespace Sluice.Tests.Sockets;

[Parallelizable(ParallelScope.All)]
public sealed class EchoTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly int[] s_sizes = [0, 1, 4095, 4096, 4097, 40_960, 8 * 1024 * 1024];

    [Test]
    public async Task A_server_answers_after_the_client_has_said_all()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("Hello, world\n").Soon();
        await client.Output.CompleteAsync().Soon();

        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("Hello, world"));
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);

        await server.Output.WriteStringAsync("Hello, client\n").Soon();
        await server.Output.CompleteAsync().Soon();

        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("Hello, client"));
        Assert.That(await client.Input.ReadLineAsync().Soon(), Is.Null);
    }

    [Test]
    public async Task A_server_answers_what_it_has_read_to_the_end_with_plain_reads()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("Hello, world\n").Soon();
        await client.Socket.ShutdownOutputAsync().Soon();

        byte[] heard = await ReadToEndAsync(server.Input).Soon();
        await server.Output.WriteAsync(heard).Soon();
        await server.Output.CompleteAsync().Soon();

        Assert.That(await ReadToEndAsync(client.Input).Soon(), Is.EqualTo("Hello, world\n"u8.ToArray()));
    }

    [TestCaseSource(nameof(s_sizes))]
    public Task Reads_and_writes_echo_every_byte_in_order(int size) => EchoAsync(
        size,
        async server =>
        {
            byte[] buffer = new byte[10_000];
            for (int count; (count = await server.Input.ReadAsync(buffer)) > 0;)
            {
                await server.Output.WriteAsync(buffer.AsMemory(0, count));
            }

            await server.Output.CompleteAsync();
        },
        async (client, bytes) =>
        {
            await client.Output.WriteAsync(bytes);
            await client.Output.CompleteAsync();
        },
        client => ReadToEndAsync(client.Input));

    [TestCaseSource(nameof(s_sizes))]
    public Task Streams_echo_every_byte_in_order(int size) => EchoAsync(
        size,
        async server =>
        {
            await using Stream stream = server.AsStream();
            await stream.CopyToAsync(stream);
            await server.Output.CompleteAsync();
        },
        async (client, bytes) =>
        {
            await using Stream stream = client.Output.AsStream();
            await stream.WriteAsync(bytes);
            await client.Output.CompleteAsync();
        },
        async client =>
        {
            await using Stream stream = client.Input.AsStream();
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            return all.ToArray();
        });

    [TestCaseSource(nameof(s_sizes))]
    public Task Pipes_echo_every_byte_in_order(int size) => EchoAsync(
        size,
        async server =>
        {
            IDuplexPipe pipe = server.AsDuplexPipe();
            await pipe.Input.CopyToAsync(pipe.Output);
            await pipe.Output.CompleteAsync();
        },
        async (client, bytes) =>
        {
            PipeWriter writer = client.Output.AsPipeWriter();
            for (int done = 0; done < bytes.Length;)
            {
                Memory<byte> free = writer.GetMemory(1000);
                int count = Math.Min(free.Length, bytes.Length - done);
                bytes.AsSpan(done, count).CopyTo(free.Span);
                writer.Advance(count);
                done += count;
                await writer.FlushAsync();
            }

            await writer.CompleteAsync();
        },
        async client =>
        {
            PipeReader reader = client.Input.AsPipeReader();
            using var all = new MemoryStream();
            await reader.CopyToAsync(all);
            await reader.CompleteAsync();
            return all.ToArray();
        });

    [TestCase(4096)]
    [TestCase(8 * 1024 * 1024)]
    public Task A_handler_echoes_what_it_reads_exactly(int size) => EchoAsync(
        size,
        async server =>
        {
            byte[] block = new byte[1024];
            for (int done = 0; done < size; done += block.Length)
            {
                await server.Input.ReadExactlyAsync(block);
                await server.Output.WriteAsync(block);
            }

            await server.Output.CompleteAsync();
        },
        async (client, bytes) =>
        {
            await client.Output.WriteAsync(bytes);
            await client.Output.CompleteAsync();
        },
        async client =>
        {
            byte[] all = new byte[size];
            await client.Input.ReadExactlyAsync(all);
            Assert.That(await client.Input.ReadAsync(new byte[1]), Is.Zero);
            return all;
        });

    // The client writes and reads at the same time: with more bytes than the kernel holds, nothing else would end.
    private async Task EchoAsync(
        int size, Func<Connection, Task> serve, Func<Connection, byte[], Task> write, Func<Connection, Task<byte[]>> read)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] sent = Pattern.Bytes(size);

        Task serving = Task.Run(() => serve(server));
        Task writing = Task.Run(() => write(client, sent));
        byte[] got = await Task.Run(() => read(client)).Soon();
        await writing.Soon();
        await serving.Soon();

        Assert.That(got, Has.Length.EqualTo(size));
        Pattern.Check(got, 0);
    }

    private static async Task<byte[]> ReadToEndAsync(ByteReadChannel input)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[16_000];
        for (int count; (count = await input.ReadAsync(buffer)) > 0;)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
