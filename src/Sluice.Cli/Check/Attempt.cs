namespace Sluice.Cli.Check;

/// <summary>An attempt to connect to one address.</summary>
/// <param name="Host">The address, without the port.</param>
/// <param name="Name">The address, as it is printed.</param>
/// <param name="Socket">The connection; null if there is none.</param>
/// <param name="Fault">Why there is none.</param>
/// <param name="Text">The printed text.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record Attempt(string Host, string Name, StreamSocket? Socket, Fault Fault, string Text, TimeSpan Elapsed);
