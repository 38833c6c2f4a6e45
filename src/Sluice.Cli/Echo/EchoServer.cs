using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Echo;

/// <summary>Runs <c>sluice echo</c>.</summary>
internal sealed class EchoServer(EchoSettings settings)
{
    private readonly LineReadOptions _lines = new() { MaxLength = settings.MaxLine ?? LineReadOptions.DefaultMaxLength };

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        await using SelectorManager selector = settings.Listen.Network.CreateSelector(settings.Loops);
        using Tls.ServerTls? tls = settings.Listen.Tls;
        try
        {
            if (settings.Address.Kind == AddressKind.Udp)
            {
                await new DatagramEcho(settings).RunAsync(selector, signals.Stopping);
                return ExitCodes.Success;
            }

            await using ServerSocket server = await Listeners.BindAsync(selector, settings.Address, settings.Listen, signals.Stopping);
            Console.WriteLine($"Started echo server at {NameOf(server)}{(settings.Listen.UseTls || settings.Address.Kind == AddressKind.Tls ? " under TLS" : "")}");
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

    private string NameOf(ServerSocket server) => settings.Address.Kind == AddressKind.Unix ? $"{settings.Address}" : $"{server.LocalEndPoint}";

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
