namespace Sluice.Cli.Bench;

/// <summary>One connection: sends the same bytes again and again.</summary>
internal sealed class SendLoad(Connection connection, ReadOnlyMemory<byte> bytes, LoadTotals totals)
{
    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="IOException">The server closed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await connection.Output.WriteAsync(bytes, cancellationToken);
            totals.Add(bytes.Length);
        }
    }
}
