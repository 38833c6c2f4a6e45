using System.Net.Security;
using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>A server with <see cref="NetworkStream"/>, and for lines with <see cref="StreamReader"/> and <see cref="StreamWriter"/>, as tutorials show.</summary>
internal static class StreamsServer
{
    private const int BufferSize = 64 * 1024;

    public static Task RunAsync(ServerMode mode, Action<int> listening)
    {
        Func<Stream, Task> serve = mode switch
        {
            ServerMode.Lines => EchoLinesAsync,
            ServerMode.OffLoop => AnswerOffLoopAsync,
            ServerMode.Sink or ServerMode.TlsSink => ReceiveAsync,
            ServerMode.Source or ServerMode.TlsSource => SendAsync,
            _ => EchoBytesAsync,
        };
        return mode is ServerMode.TlsRaw or ServerMode.TlsSink or ServerMode.TlsSource
            ? RunTlsAsync(listening, serve)
            : SocketListener.RunAsync(listening, async socket =>
            {
                await using var stream = new NetworkStream(socket);
                await serve(stream);
            });
    }

    private static Task RunTlsAsync(Action<int> listening, Func<Stream, Task> serve)
    {
        SslStreamCertificateContext certificate = SslStreamCertificateContext.Create(BenchCertificate.Create(), additionalCertificates: null, offline: true);
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = certificate };
        return SocketListener.RunAsync(listening, async socket =>
        {
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsServerAsync(options);
            await serve(stream);
        });
    }

    private static async Task EchoBytesAsync(Stream stream)
    {
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task EchoLinesAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\r\n" };
        while (await reader.ReadLineAsync() is { } line)
        {
            await writer.WriteLineAsync(line);
        }
    }

    private static async Task AnswerOffLoopAsync(Stream stream)
    {
        var echo = new OffLoopEcho(message => stream.WriteAsync(message));
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            echo.Take(buffer.AsSpan(0, count));
        }
    }

    private static async Task ReceiveAsync(Stream stream)
    {
        byte[] buffer = new byte[BufferSize];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    private static async Task SendAsync(Stream stream)
    {
        byte[] bytes = new byte[BufferSize];
        while (true)
        {
            await stream.WriteAsync(bytes);
        }
    }
}
