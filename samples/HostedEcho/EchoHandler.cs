using Microsoft.Extensions.Logging;
using Sluice;
using Sluice.Hosting;

namespace HostedEcho;

/// <summary>Serves one connection. Dependency injection creates a handler for each connection.</summary>
internal sealed partial class EchoHandler(ILogger<EchoHandler> logger) : ISocketHandler
{
    public async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        LogConnected(connection.Socket.RemoteEndPoint);

        // Reads end when the server begins to stop, so idle clients do not delay it. A line that has arrived is still answered.
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{RemoteEndPoint} has connected.")]
    private partial void LogConnected(System.Net.EndPoint remoteEndPoint);
}
