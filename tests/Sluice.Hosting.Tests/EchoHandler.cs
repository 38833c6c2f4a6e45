namespace Sluice.Hosting.Tests;

/// <summary>Says how many of it there are, as a scoped service is made and disposed of with its scope.</summary>
internal sealed class EchoHandler(HandlerCounts counts) : ISocketHandler, IDisposable
{
    private readonly int _number = counts.Make();

    public async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync($"{_number}{(connection.Tls is null ? "" : " tls")}: {line}", cancellationToken);
        }
    }

    public void Dispose() => counts.Dispose();
}
