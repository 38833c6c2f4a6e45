using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace Sluice.Snippets;

internal static class WritingSnippets
{
    public static async Task BytesAsync(ByteWriteChannel output, ReadOnlyMemory<byte> bytes, ReadOnlySequence<byte> parts, CancellationToken token)
    {
        // <write-bytes>
        await output.WriteAsync(bytes, token);                              // buffered or sent when it returns
        await output.WriteAsync(parts, token);
        await output.FlushAsync(token);                                     // returns when the kernel has every byte
        // </write-bytes>
    }

    public static async Task TextAsync(ByteWriteChannel output, int x, double y, string text, CancellationToken token)
    {
        // <write-text>
        await output.WriteStringAsync(text, token);                         // UTF-8
        await output.WriteStringAsync(text, Encoding.Latin1, token);
        await output.WriteLineAsync(text, token);                           // appends output.NewLine, CR LF by default
        await output.WriteAsync($"{x} {y:F2}\r\n", token);                  // allocates no string; invariant culture
        await output.WriteLineAsync($"{x,8} {y}", token);
        // </write-text>
    }

    public static async Task NumbersAsync(ByteWriteChannel output, string name, byte[] block, CancellationToken token)
    {
        // <write-numbers>
        await output.WriteInt32Async(42, token);                            // big-endian, unless output.ByteOrder says otherwise
        await output.WriteDoubleAsync(0.5, ByteOrder.LittleEndian, token);
        await output.WriteVarIntAsync(624_485u, token);                     // LEB128
        await output.WritePrefixedStringAsync(new LengthPrefix(2), name, token);
        await output.WritePrefixedAsync(LengthPrefix.VarInt, block, token);
        // </write-numbers>
    }

    public static async Task FilledAsync(ByteWriteChannel output, Guid id, CancellationToken token)
    {
        // <write-filled>
        await output.WritePrefixedAsync(new LengthPrefix(4), maxLength: 64, id, static (room, id) =>
        {
            id.TryFormat(room, out int written);                            // formats into the channel's buffer
            return written;                                                 // the channel fills in the length prefix
        }, token);
        // </write-filled>
    }

    public static async Task FramesAsync(ByteWriteChannel output, byte[] message, CancellationToken token)
    {
        // <write-frames>
        IFrameEncoder<ReadOnlySequence<byte>> encoder = FrameEncoder.Delimited("\r\n"u8.ToArray(), maxLength: 1_000);
        await output.WriteFrameAsync(encoder, message, token);              // throws if the message contains the delimiter
        // </write-frames>
    }

    public static async Task CopiesAsync(
        Connection client, Connection upstream, PipeWriter pipe, Stream file, long length, CancellationToken token)
    {
        // <copies>
        long copied = await client.Input.CopyToAsync(upstream.Output, limit: length, token);
        copied += await client.Input.CopyToAsync(file, token);              // or a PipeWriter
        copied += await upstream.Output.CopyFromAsync(file, token);
        await upstream.Output.SendFileAsync("index.html", token);

        await client.Input.CopyAndCompleteAsync(upstream.Output, token);    // passes on the end, or the failure
        await client.JoinAsync(upstream, token);                            // both directions, until both have ended
        // </copies>
        await client.Input.CopyToAsync(pipe, token);
    }

    public static async Task StateAsync(ByteWriteChannel output, CancellationToken token)
    {
        // <write-state>
        Console.WriteLine($"{output.TotalBytesWritten} written, room for {output.AvailableForWrite}");
        await output.CompleteAsync(token);                                  // the reader sees the end
        await output.CompleteAsync(new IOException("The disk is full."));   // the reader gets an error
        Console.WriteLine($"{output.IsClosedForWrite}: {output.CloseCause?.Message}");
        // </write-state>
    }

    public static async Task ViewsAsync(ByteWriteChannel output, Stream file, PipeWriter pipe)
    {
        // <write-views>
        await using TextWriter text = output.AsTextWriter();                // also AsStream(), AsPipeWriter()
        await text.WriteLineAsync("like any other TextWriter");

        ByteWriteChannel toFile = file.AsByteWriteChannel();
        ByteWriteChannel toPipe = pipe.AsByteWriteChannel(autoFlush: true);
        // </write-views>
        await toFile.CompleteAsync();
        await toPipe.CompleteAsync();
    }

    public static async Task StreamViewsAsync(Connection connection, byte[] buffer)
    {
        // <stream-views>
        await using Stream stream = connection.AsStream(ownsConnection: true);  // disposing it closes the connection
        stream.ReadTimeout = 5_000;                                         // for blocking calls, as with NetworkStream
        int count = stream.Read(buffer);                                    // into the caller's buffer, without a copy
        stream.Write(buffer.AsSpan(0, count));
        // </stream-views>
    }

    public static async Task InMemoryAsync(Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <in-memory>
        var channel = new ByteChannel();
        await channel.Writer.WriteLineAsync("one stage", token);
        string? line = await channel.Reader.ReadLineAsync(token);

        // Test a handler that receives one byte at a time:
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair(new ByteChannelOptions
        {
            MaxFragment = 1,
            FirstEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4711),     // the address that the handler sees
            SocketTimeout = TimeSpan.FromSeconds(30),                       // measured by TimeProvider, which a test can replace
        });
        Task handling = handler(server, token);
        await client.Output.WriteLineAsync("Hello, world", token);
        await client.Output.CompleteAsync(token);
        byte[] answer = await client.Input.ReadToEndAsync(limit: 10_000, token);
        await handling;
        // </in-memory>
    }
}
