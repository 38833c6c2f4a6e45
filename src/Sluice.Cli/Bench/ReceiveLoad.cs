namespace Sluice.Cli.Bench;

/// <summary>Counts the bytes that arrive on one connection.</summary>
internal sealed class ReceiveLoad(Connection connection, LoadTotals totals)
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        int count;
        while ((count = await connection.Input.ReadAsync(_buffer, cancellationToken)) > 0)
        {
            totals.Add(count);
        }

        throw new IOException("The server closed a connection.");
    }
}
