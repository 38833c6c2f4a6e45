using Sluice;
using Sluice.Hosting;

namespace LineWorker;

/// <summary>Sends each line back. Dependency injection creates a handler for each connection.</summary>
internal sealed class LineHandler(ILogger<LineHandler> logger) : ISocketHandler
{
    public async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        logger.LogInformation("{Client} has connected.", connection.RemoteEndPoint);

        // Reads end when the host begins to stop, so idle clients do not delay it. A line that has arrived is still answered.
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }
}
