namespace Sluice.Cli.Output;

/// <summary>Prints what a server does: lines for people, or lines of JSON. A line that cannot be written ends neither a connection nor the server.</summary>
/// <param name="writer">Where it prints.</param>
/// <param name="json">Whether the lines are JSON.</param>
/// <param name="perConnection">Whether connections have lines.</param>
internal sealed class ServerLog(TextWriter writer, bool json, bool perConnection)
{
    /// <summary>Prints that the server is ready.</summary>
    /// <param name="listen">Where it listens.</param>
    /// <param name="text">The line for people.</param>
    public void Started(string listen, string text) => Write(writer, json ? JsonLine.Of(("event", "started"), ("listen", listen)) : text);

    public void Connected(string client) => Print(json ? JsonLine.Of(("event", "connected"), ("client", client)) : $"{client} connected");

    /// <summary>Prints that a connection has ended.</summary>
    /// <param name="client">The client.</param>
    /// <param name="reason">Why the server or an error ended it; null if the client did.</param>
    public void Disconnected(string client, string? reason = null) => Print(json
        ? JsonLine.Of(("event", "disconnected"), ("client", client), ("reason", reason))
        : $"{client} disconnected{(reason is null ? "" : $": {reason}")}");

    /// <summary>Creates what prints news of the certificate.</summary>
    public static Action<string> Certificate(TextWriter writer, bool json) => text => Write(writer, json ? JsonLine.Of(("event", "certificate"), ("text", text)) : text);

    /// <summary>Writes a line, if it can be written. On a terminal, it stands above the progress.</summary>
    public static void Write(TextWriter writer, string line)
    {
        try
        {
            if (writer == Console.Error)
            {
                Progress.WriteError(line);
            }
            else
            {
                writer.WriteLine(line);
            }
        }
        catch (IOException)
        {
            // Such as on a full disk, or to a reader that has gone.
        }
    }

    private void Print(string line)
    {
        if (perConnection)
        {
            Write(writer, line);
        }
    }
}
