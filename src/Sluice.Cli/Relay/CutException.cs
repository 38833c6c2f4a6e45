namespace Sluice.Cli.Relay;

/// <summary>The relay resets a connection on purpose.</summary>
internal sealed class CutException(string message) : IOException(message);
