using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;

namespace Sluice.Snippets;

internal static class MigrationSnippets
{
    public static async Task ViewsAsync(
        SelectorManager selector, ServerSocket server, string host, int port, Func<IDuplexPipe, CancellationToken, Task> protocol, CancellationToken token)
    {
        // <migration-views>
        Stream stream = await selector.Tcp().ConnectStreamAsync(host, port, cancellationToken: token);      // owns its connection, as NetworkStream(socket, ownsSocket: true) does
        Stream tls = await selector.Tcp().ConnectTlsStreamAsync(host, port, cancellationToken: token);      // the same under TLS

        await server.ServeAsync(async (connection, cancellationToken) =>
        {
            IDuplexPipe pipe = connection.AsDuplexPipe();                   // or AsStream(), Input.AsPipeReader(), Output.AsPipeWriter()
            await protocol(pipe, cancellationToken);
        }, cancellationToken: token);
        // </migration-views>
        await stream.DisposeAsync();
        await tls.DisposeAsync();
    }

    public static async Task<string?> StreamBeforeAsync(CancellationToken token)
    {
        // <migration-stream-before>
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", 2323, token);
        await using NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n", AutoFlush = true };

        await writer.WriteLineAsync("hello".AsMemory(), token);
        string? answer = await reader.ReadLineAsync(token);
        // </migration-stream-before>
        return answer;
    }

    public static async Task<string?> StreamAfterAsync(SelectorManager selector, CancellationToken token)
    {
        // <migration-stream-after>
        await using StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", 2323, cancellationToken: token);
        Connection connection = socket.OpenConnection();

        await connection.Output.WriteLineAsync("hello", token);
        string? answer = await connection.Input.ReadLineAsync(token);
        // </migration-stream-after>
        return answer;
    }

    public static async Task TlsBeforeAsync(CancellationToken token)
    {
        // <migration-tls-before>
        using var client = new TcpClient();
        await client.ConnectAsync("example.com", 443, token);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "example.com" }, token);
        // </migration-tls-before>
    }

    public static async Task TlsAfterAsync(SelectorManager selector, CancellationToken token)
    {
        // <migration-tls-after>
        await using StreamSocket socket = await selector.Tcp().ConnectTlsAsync("example.com", 443, cancellationToken: token);
        Connection connection = socket.OpenConnection();
        // </migration-tls-after>
        await connection.CloseAsync(token);
    }

    public static async Task PipeBeforeAsync(PipeReader reader, Func<ReadOnlySequence<byte>, Task> handle, CancellationToken token)
    {
        // <migration-pipe-before>
        while (true)
        {
            ReadResult result = await reader.ReadAsync(token);
            ReadOnlySequence<byte> buffer = result.Buffer;
            while (TryReadLine(ref buffer, out ReadOnlySequence<byte> line))
            {
                await handle(line);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        // </migration-pipe-before>
    }

    public static async Task PipeAfterAsync(ByteReadChannel input, Func<ReadOnlySequence<byte>, Task> handle, CancellationToken token)
    {
        // <migration-pipe-after>
        while (await input.ReadLineBytesAsync(cancellationToken: token) is { } line)     // no copy; valid until the next read
        {
            await handle(line);
        }

        // </migration-pipe-after>
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        var bytes = new SequenceReader<byte>(buffer);
        bool isFound = bytes.TryReadTo(out line, (byte)'\n');
        buffer = bytes.UnreadSequence;
        return isFound;
    }
}
