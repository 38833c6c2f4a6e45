namespace Sluice.Cli;

/// <summary>Negotiates STARTTLS in plain text.</summary>
internal static class StartTlsDialogue
{
    /// <exception cref="IOException">The server refuses.</exception>
    public static Task RunAsync(StartTls kind, Connection connection) => kind switch
    {
        StartTls.Smtp => RunSmtpAsync(connection),
        StartTls.Imap => RunImapAsync(connection),
        _ => Task.CompletedTask,
    };

    private static async Task RunSmtpAsync(Connection connection)
    {
        await ExpectSmtpAsync(connection, "220");
        await connection.Output.WriteLineAsync("EHLO localhost");
        List<string> features = await ExpectSmtpAsync(connection, "250");
        if (!features.Exists(feature => feature.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
        {
            throw new IOException("The server does not offer STARTTLS.");
        }

        await connection.Output.WriteLineAsync("STARTTLS");
        await ExpectSmtpAsync(connection, "220");
    }

    // All lines of a reply but the last have a hyphen after the code (RFC 5321, 4.2.1).
    private static async Task<List<string>> ExpectSmtpAsync(Connection connection, string code)
    {
        var lines = new List<string>();
        while (true)
        {
            string line = await ReadLineAsync(connection);
            if (line.Length < 3 || !line.StartsWith(code, StringComparison.Ordinal))
            {
                throw new IOException($"The server says: {line}");
            }

            lines.Add(line.Length > 4 ? line[4..] : string.Empty);
            if (line.Length == 3 || line[3] != '-')
            {
                return lines;
            }
        }
    }

    private static async Task RunImapAsync(Connection connection)
    {
        string greeting = await ReadLineAsync(connection);
        if (!greeting.StartsWith("* OK", StringComparison.OrdinalIgnoreCase))
        {
            throw new IOException($"The server says: {greeting}");
        }

        await connection.Output.WriteLineAsync("a STARTTLS");
        string answer;
        do
        {
            answer = await ReadLineAsync(connection);
        }
        while (answer.StartsWith('*'));

        if (!answer.StartsWith("a OK", StringComparison.OrdinalIgnoreCase))
        {
            throw new IOException($"The server says: {answer}");
        }
    }

    private static async Task<string> ReadLineAsync(Connection connection) =>
        await connection.Input.ReadLineAsync() ?? throw new IOException("The server has closed the connection.");
}
