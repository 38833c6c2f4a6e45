using System.IO.Compression;
using System.IO.Pipelines;
using System.Net.Security;
using System.Text.Json;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>What takes a stream or a pipe takes a channel.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ConsumerTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly Dictionary<string, int[]> s_document =
        Enumerable.Range(0, 500).ToDictionary(i => $"key {i} ☃", i => Enumerable.Range(0, i).ToArray());

    [Test]
    public async Task A_document_is_deserialized_from_a_pipe()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task writing = Task.Run(async () =>
        {
            PipeWriter writer = client.Output.AsPipeWriter();
            await JsonSerializer.SerializeAsync(writer, s_document);
            await writer.CompleteAsync();
        });

        Dictionary<string, int[]>? got = await JsonSerializer.DeserializeAsync<Dictionary<string, int[]>>(server.Input.AsPipeReader()).AsTask().Soon();
        await writing.Soon();
        Assert.That(got, Is.EqualTo(s_document));
    }

    [Test]
    public async Task A_document_is_deserialized_from_a_stream()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task writing = Task.Run(async () =>
        {
            await using Stream stream = client.AsStream();
            await JsonSerializer.SerializeAsync(stream, s_document);
            await client.Output.CompleteAsync();
        });

        await using Stream reading = server.AsStream();
        Dictionary<string, int[]>? got = await JsonSerializer.DeserializeAsync<Dictionary<string, int[]>>(reading).AsTask().Soon();
        await writing.Soon();
        Assert.That(got, Is.EqualTo(s_document));
    }

    [Test]
    public async Task Compressed_bytes_come_out_as_they_went_in()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] sent = [.. Pattern.Bytes(300_000), .. new byte[300_000]];
        Task writing = Task.Run(async () =>
        {
            await using (var brotli = new BrotliStream(client.AsStream(), CompressionLevel.Fastest))
            {
                await brotli.WriteAsync(sent);
            }

            await client.Output.CompleteAsync();
        });

        using var got = new MemoryStream();
        await using var reading = new BrotliStream(server.AsStream(), CompressionMode.Decompress);
        await Task.Run(() => reading.CopyToAsync(got)).Soon();
        await writing.Soon();
        Assert.That(got.ToArray().AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public async Task Tls_runs_over_a_stream()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] sent = Pattern.Bytes(2_000_000);

        Task serving = Task.Run(async () =>
        {
            await using var stream = new SslStream(server.AsStream());
            await stream.AuthenticateAsServerAsync(Serving());
            await stream.CopyToAsync(stream);
            await stream.ShutdownAsync();
        });

        byte[] got = new byte[sent.Length];
        await Task.Run(async () =>
        {
            await using var stream = new SslStream(client.AsStream());
            await stream.AuthenticateAsClientAsync(Trusting());
            Task writing = Task.Run(async () => await stream.WriteAsync(sent));
            await stream.ReadExactlyAsync(got);
            await writing;

            // Never beside a read: on OpenSSL they get into each other's way, over a NetworkStream as well.
            await stream.ShutdownAsync();
            Assert.That(await stream.ReadAsync(new byte[1]), Is.Zero);
        }).Soon();
        await serving.Soon();
        Pattern.Check(got, 0);
    }
}
