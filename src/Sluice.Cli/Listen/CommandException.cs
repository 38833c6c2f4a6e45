namespace Sluice.Cli.Listen;

/// <summary>The command that served a connection has failed.</summary>
internal sealed class CommandException(string message) : Exception(message);
