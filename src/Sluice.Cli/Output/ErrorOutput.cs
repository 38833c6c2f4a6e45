namespace Sluice.Cli.Output;

/// <summary>Reports errors: as a line of text on standard error, and with <c>--json</c> as an object where the other objects of the command are.</summary>
internal sealed class ErrorOutput
{
    private readonly TextWriter? _json;
    private readonly bool _areEvents;

    private ErrorOutput(TextWriter? json, bool areEvents) => (_json, _areEvents) = (json, areEvents);

    /// <summary>Gets what reports errors as text alone.</summary>
    public static ErrorOutput Text { get; } = new(json: null, areEvents: false);

    /// <summary>Creates what reports the errors of a command whose objects are results, on the standard output.</summary>
    public static ErrorOutput OfResults(bool json) => json ? new ErrorOutput(Console.Out, areEvents: false) : Text;

    /// <summary>Creates what reports the errors of a server whose objects are events.</summary>
    /// <param name="json">Whether there are objects at all.</param>
    /// <param name="writer">Where they are printed. Standard error has then no text between them.</param>
    public static ErrorOutput OfEvents(bool json, TextWriter writer) => json ? new ErrorOutput(writer, areEvents: true) : Text;

    /// <summary>Reports an error.</summary>
    /// <param name="message">What has failed.</param>
    /// <param name="client">The client whose connection has failed; null if it was none.</param>
    /// <returns>The exit code of a failure.</returns>
    public int Report(string message, string? client = null) => Report(message, client, text => Failures.Report(text));

    /// <summary>Reports what a handler has thrown: a fault of the peer or of the system in one line, and any other, which is a bug, with its stack trace.</summary>
    public void Report(Connection connection, Exception exception, string client) => _ = connection.IsPeerFault(exception) || Failures.IsExpected(exception)
        ? Report(Failures.MessageOf(exception), client)
        : Report($"{exception}", client, Failures.ReportBug);

    private int Report(string message, string? client, Func<string, int> print)
    {
        if (_json is not null)
        {
            ServerLog.Write(_json, JsonLine.Of(("event", _areEvents ? "error" : null), ("client", client), ("error", message)));
        }

        return _json == Console.Error ? ExitCodes.Failure : print(client is null ? message : $"{client}: {message}");
    }
}
