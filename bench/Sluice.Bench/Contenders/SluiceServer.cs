namespace Sluice.Bench.Contenders;

/// <summary>A typical server with Sluice, for modes that the <c>sluice</c> command does not have.</summary>
internal static class SluiceServer
{
    private const int BufferSize = 16 * 1024;
    private const int BulkSize = 64 * 1024;

    public static async Task RunAsync(SelectorOptions options, ServerMode mode, Action<int> listening, bool flushesEachLine = false, bool postsAnswers = false)
    {
        await using var selector = new SelectorManager(options);
        if (mode is ServerMode.DatagramEcho or ServerMode.DatagramSink)
        {
            await SluiceDatagrams.RunAsync(selector, mode, listening);
            return;
        }

        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        if (mode is ServerMode.TlsRaw or ServerMode.TlsSink or ServerMode.TlsSource)
        {
            server.UseTls(BenchCertificate.Create());
        }

        listening(server.Port);
        await server.ServeAsync(flushesEachLine ? EchoAndFlushLinesAsync : Handler(mode, postsAnswers), new ServeOptions { OnError = (_, _) => { } });
    }

    private static Func<Connection, CancellationToken, Task> Handler(ServerMode mode, bool postsAnswers)
    {
        Action<int>? work = Work.Of(mode);
        return mode switch
        {
            ServerMode.Lines => EchoLinesAsync,
            ServerMode.OffLoop => postsAnswers ? PostAnswersAsync : AnswerOffLoopAsync,
            ServerMode.Sink or ServerMode.TlsSink => ReceiveAsync,
            ServerMode.Source or ServerMode.TlsSource => SendAsync,
            ServerMode.Broadcast => SluiceBroadcast.CreateHandler(),
            _ when work is null => (connection, cancellationToken) => connection.Input.CopyToAsync(connection.Output, cancellationToken).AsTask(),
            _ => (connection, cancellationToken) => EchoAndWorkAsync(connection, work, cancellationToken),
        };
    }

    private static async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken: cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task EchoAndFlushLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken: cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
            await connection.Output.FlushAsync(cancellationToken);
        }
    }

    private static async Task EchoAndWorkAsync(Connection connection, Action<int> work, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await connection.Input.ReadAsync(buffer, cancellationToken)) > 0)
        {
            work(count);
            await connection.Output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private static Task AnswerOffLoopAsync(Connection connection, CancellationToken cancellationToken) => AnswerAsync(
        connection, message => connection.Output.WriteAsync(message), cancellationToken);

    private static Task PostAnswersAsync(Connection connection, CancellationToken cancellationToken) => AnswerAsync(
        connection,
        message =>
        {
            connection.Outbox.Post(message.Span);
            return ValueTask.CompletedTask;
        },
        cancellationToken);

    private static async Task AnswerAsync(Connection connection, Func<ReadOnlyMemory<byte>, ValueTask> send, CancellationToken cancellationToken)
    {
        var echo = new OffLoopEcho(send);
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await connection.Input.ReadAsync(buffer, cancellationToken)) > 0)
        {
            echo.Take(buffer.AsSpan(0, count));
        }
    }

    private static async Task ReceiveAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BulkSize];
        while (await connection.Input.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    private static async Task SendAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[BulkSize];
        while (true)
        {
            await connection.Output.WriteAsync(bytes, cancellationToken);
        }
    }
}
