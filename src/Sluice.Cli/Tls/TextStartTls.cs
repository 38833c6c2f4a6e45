namespace Sluice.Cli.Tls;

/// <summary>Negotiates TLS in the protocols of lines.</summary>
internal static class TextStartTls
{
    public static async Task RunSmtpAsync(Connection connection, CancellationToken cancellationToken)
    {
        await ExpectCodeAsync(connection, "220", cancellationToken);
        await StartTlsDialogue.SendLineAsync(connection, "EHLO localhost", cancellationToken);
        List<string> features = await ExpectCodeAsync(connection, "250", cancellationToken);
        if (!features.Exists(feature => feature.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
        {
            throw StartTlsDialogue.NotOffered();
        }

        await StartTlsDialogue.SendLineAsync(connection, "STARTTLS", cancellationToken);
        await ExpectCodeAsync(connection, "220", cancellationToken);
    }

    public static async Task RunFtpAsync(Connection connection, CancellationToken cancellationToken)
    {
        await ExpectCodeAsync(connection, "220", cancellationToken);
        await StartTlsDialogue.SendLineAsync(connection, "AUTH TLS", cancellationToken);
        await ExpectCodeAsync(connection, "234", cancellationToken);
    }

    public static async Task RunPop3Async(Connection connection, CancellationToken cancellationToken)
    {
        await ExpectStartAsync(connection, "+OK", cancellationToken);
        await StartTlsDialogue.SendLineAsync(connection, "STLS", cancellationToken);
        await ExpectStartAsync(connection, "+OK", cancellationToken);
    }

    public static async Task RunImapAsync(Connection connection, CancellationToken cancellationToken)
    {
        await ExpectStartAsync(connection, "* OK", cancellationToken);
        await StartTlsDialogue.SendLineAsync(connection, "a STARTTLS", cancellationToken);
        string answer;
        do
        {
            answer = await StartTlsDialogue.ReadLineAsync(connection, cancellationToken);
        }
        while (answer.StartsWith('*'));

        if (!answer.StartsWith("a OK", StringComparison.OrdinalIgnoreCase))
        {
            throw StartTlsDialogue.Refused(answer);
        }
    }

    private static async Task ExpectStartAsync(Connection connection, string start, CancellationToken cancellationToken)
    {
        string answer = await StartTlsDialogue.ReadLineAsync(connection, cancellationToken);
        if (!answer.StartsWith(start, StringComparison.OrdinalIgnoreCase))
        {
            throw StartTlsDialogue.Refused(answer);
        }
    }

    // The last line of a reply has the code and a space. Before it come lines with a hyphen after the code (RFC 5321, 4.2.1), in FTP also any text (RFC 959, 4.2).
    private static async Task<List<string>> ExpectCodeAsync(Connection connection, string code, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (true)
        {
            string line = await StartTlsDialogue.ReadLineAsync(connection, cancellationToken);
            bool hasCode = line.StartsWith(code, StringComparison.Ordinal);
            if (!hasCode && (lines.Count == 0 || (line.Length > 3 && char.IsAsciiDigit(line[0]))))
            {
                throw StartTlsDialogue.Refused(line);
            }

            lines.Add(line.Length > 4 ? line[4..] : string.Empty);
            if (hasCode && (line.Length == 3 || line[3] == ' '))
            {
                return lines;
            }
        }
    }
}
