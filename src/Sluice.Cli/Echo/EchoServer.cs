using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Echo;

/// <summary>Runs <c>sluice echo</c>.</summary>
internal sealed class EchoServer(EchoSettings settings)
{
    private static readonly ReadOnlyMemory<byte> s_lineEnd = "\r\n"u8.ToArray();

    private readonly LineReadOptions _lines = new() { MaxLength = settings.MaxLine ?? LineReadOptions.DefaultMaxLength };

    private readonly ServerLog _log = new(Console.Out, settings.Json, !settings.Quiet);

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        await using SelectorManager selector = settings.Listen.Network.CreateSelector(settings.Loops, settings.Quiet ? null : settings.Listen.Errors);
        using Tls.ServerTls? tls = settings.Listen.Tls;
        if (settings.Address.Kind == AddressKind.Udp)
        {
            await new DatagramEcho(settings).RunAsync(selector, signals.Stopping);
            return ExitCodes.Success;
        }

        await using ServerSocket server = await Listeners.BindAsync(selector, settings.Address, settings.Listen, signals.Stopping);
        _log.Started(NameOf(server), $"Started echo server at {NameOf(server)}{(settings.Listen.UseTls || settings.Address.Kind == AddressKind.Tls ? " under TLS" : "")}");
        await RunAsync(server, signals);
        return ExitCodes.Success;
    }

    private async Task RunAsync(ServerSocket server, StopSignals signals)
    {
        Task serving = server.ServeAsync(
            ServeAsync,
            new ServeOptions
            {
                MaxConnections = settings.MaxConnections ?? ServeOptions.DefaultMaxConnections,
                Grace = settings.Grace ?? ServeOptions.DefaultGrace,
                OnError = (connection, exception) => settings.Listen.Errors.Report(connection, exception, $"{connection.Socket.RemoteEndPoint}"),
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
        string client = $"{connection.Socket.RemoteEndPoint}";
        _log.Connected(client);
        string? end = null;
        try
        {
            await (settings.Raw ? EchoBytesAsync(connection) : EchoLinesAsync(connection, cancellationToken));
        }
        catch (Exception exception) when (connection.Stopping.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
        {
            // The server stops: the read was canceled, or the grace period has ended.
            end = "the server stops";
        }
        catch (LineTooLongException exception)
        {
            end = $"a line over the limit of {Quantity.Of(exception.Limit, "byte")}";
        }
        catch (IOException exception)
        {
            end = exception.InnerException is TimeoutException ? "idle for too long" : Failures.MessageOf(exception);
        }

        _log.Disconnected(client, end);
    }

    private async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        // As bytes: text that is not UTF-8 comes back as it was.
        while (await connection.Input.ReadLineBytesAsync(_lines, connection.Stopping) is { } line)
        {
            foreach (ReadOnlyMemory<byte> part in line)
            {
                await connection.Output.WriteAsync(part, cancellationToken);
            }

            await connection.Output.WriteAsync(s_lineEnd, cancellationToken);
        }
    }

    private static async Task EchoBytesAsync(Connection connection) =>
        await connection.Input.CopyToAsync(connection.Output, connection.Stopping);
}
