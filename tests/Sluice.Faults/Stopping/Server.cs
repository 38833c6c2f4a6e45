namespace Sluice.Faults.Stopping;

/// <summary>Answers each line with itself, as the handlers of the guides do.</summary>
internal static class Server
{
    public static async Task AnswerAsync(Connection connection, Ledger ledger, CancellationToken cancellationToken)
    {
        string? name = null;
        int answered = 0;
        try
        {
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                name ??= line.Split(' ')[0];
                await connection.Output.WriteLineAsync(line, cancellationToken);
                answered++;
            }
        }
        finally
        {
            if (name is not null)
            {
                ledger.NoteAnswered(name, answered);
            }
        }
    }
}
