namespace Sluice.Cli.Tls;

/// <summary>Negotiates the upgrade to TLS in plain text.</summary>
internal static class StartTlsDialogue
{
    // More than any server says before TLS: one that says more, such as lines without an end, is cut off.
    private const int MaxDialogue = 256 * 1024;

    // A peer that sends no line end is cut off here. What stands before the end of the stream without one is no reply.
    private static readonly LineReadOptions s_lines = new() { MaxLength = 64 * 1024, RequireEnding = true };

    /// <exception cref="IOException">The server refuses, or says what the protocol does not allow.</exception>
    public static Task RunAsync(StartTls kind, Connection connection, string host, CancellationToken cancellationToken) => kind switch
    {
        StartTls.Smtp => TextStartTls.RunSmtpAsync(connection, cancellationToken),
        StartTls.Imap => TextStartTls.RunImapAsync(connection, cancellationToken),
        StartTls.Pop3 => TextStartTls.RunPop3Async(connection, cancellationToken),
        StartTls.Ftp => TextStartTls.RunFtpAsync(connection, cancellationToken),
        StartTls.Ldap => BinaryStartTls.RunLdapAsync(connection, cancellationToken),
        StartTls.Postgres => BinaryStartTls.RunPostgresAsync(connection, cancellationToken),
        StartTls.MySql => BinaryStartTls.RunMySqlAsync(connection, cancellationToken),
        StartTls.Xmpp => XmppStartTls.RunAsync(connection, host, cancellationToken),
        _ => Task.CompletedTask,
    };

    public static async Task SendLineAsync(Connection connection, string line, CancellationToken cancellationToken)
    {
        await connection.Output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{line}\r\n"), cancellationToken);
        await connection.Output.FlushAsync(cancellationToken);
    }

    public static async Task<string> ReadLineAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            string line = await connection.Input.ReadLineAsync(s_lines, cancellationToken) ?? throw Closed();
            return connection.Input.TotalBytesRead <= MaxDialogue ? line : throw TooLong();
        }
        catch (LimitExceededException)
        {
            throw TooLong();
        }
        catch (EndOfStreamException)
        {
            throw Closed();
        }
    }

    public static IOException Closed() => new("The server has closed the connection.");

    public static IOException TooLong() => new("The server says too much, and nothing that begins TLS.");

    public static IOException Refused(string answer) => new($"The server says: {answer}");

    public static IOException NotOffered() => new("The server does not offer TLS.");
}
