namespace Sluice.Cli;

/// <summary>Runs <c>sluice echo</c>.</summary>
internal sealed class EchoServer(EchoSettings settings)
{
    private readonly LineReadOptions _lines = new() { MaxLength = settings.MaxLine ?? LineReadOptions.DefaultMaxLength };

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        await using var selector = new SelectorManager(SelectorOptions());
        try
        {
            await using ServerSocket server = await selector.Tcp().Configure(Accepted)
                .BindAsync(settings.Address.Host, settings.Address.Port, cancellationToken: signals.Stopping);
            using EchoTls? tls = settings.Tls;
            tls?.Use(server);
            Console.WriteLine($"Started echo server at {server.LocalEndPoint}{(tls is null ? "" : " under TLS")}");
            await RunAsync(server, signals);
        }
        catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
        {
            // Stopped during the name lookup.
        }

        return ExitCodes.Success;
    }

    private async Task RunAsync(ServerSocket server, StopSignals signals)
    {
        Task serving = server.ServeAsync(
            ServeAsync,
            new ServeOptions
            {
                MaxConnections = settings.MaxConnections ?? ServeOptions.DefaultMaxConnections,
                Grace = settings.Grace is { } seconds ? TimeSpan.FromSeconds(seconds) : ServeOptions.DefaultGrace,
                OnError = (connection, exception) => Failures.Report(
                    $"{connection.Socket.RemoteEndPoint}: {(connection.IsPeerFault(exception) ? exception.Message : exception)}"),
            },
            signals.Stopping);
        await using (signals.Hurrying.Register(() => _ = server.StopAsync(TimeSpan.Zero, signals.Hurrying)))
        {
            await serving;
        }
    }

    private SelectorOptions SelectorOptions()
    {
        var options = new SelectorOptions { Engine = settings.Engine };
        options.LoopCount = settings.Loops ?? options.LoopCount;
        return options;
    }

    private void Accepted(StreamSocketOptions options)
    {
        if (settings.IdleTimeout is { } seconds)
        {
            options.SocketTimeout = TimeSpan.FromSeconds(seconds);
        }
    }

    private async Task ServeAsync(Connection connection, CancellationToken cancellationToken)
    {
        Say(connection, "connected");
        string end = "disconnected";
        try
        {
            await (settings.Raw ? EchoBytesAsync(connection) : EchoLinesAsync(connection, cancellationToken));
        }
        catch (Exception exception) when (connection.Stopping.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
        {
            // The server stops: the read was canceled, or the grace period has ended.
            end = "disconnected: the server stops";
        }
        catch (LineTooLongException exception)
        {
            end = $"disconnected: a line over the limit of {exception.Limit} bytes";
        }
        catch (IOException exception)
        {
            end = exception.InnerException is TimeoutException ? "disconnected: idle for too long" : $"disconnected: {exception.Message}";
        }

        Say(connection, end);
    }

    private async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(_lines, connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task EchoBytesAsync(Connection connection) =>
        await connection.Input.CopyToAsync(connection.Output, connection.Stopping);

    private void Say(Connection connection, string what)
    {
        if (!settings.Quiet)
        {
            Console.WriteLine($"{connection.Socket.RemoteEndPoint} {what}");
        }
    }
}
