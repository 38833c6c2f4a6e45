namespace Sluice.Cli.Output;

/// <summary>The standard output cannot be written.</summary>
/// <param name="message">Why.</param>
/// <param name="hasNoReader">Whether its reader has gone, such as <c>head</c> after its last line. Other programs are ended by SIGPIPE then.</param>
internal sealed class OutputException(string message, bool hasNoReader) : IOException(message)
{
    public bool HasNoReader { get; } = hasNoReader;
}
