namespace Sluice.Cli.Bench;

/// <summary>Sends the same bytes repeatedly on one connection.</summary>
internal sealed class SendLoad(Connection connection, ReadOnlyMemory<byte> bytes, LoadTotals totals)
{
    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await connection.Output.WriteAsync(bytes, cancellationToken);
            totals.Add(bytes.Length);
        }
    }
}
