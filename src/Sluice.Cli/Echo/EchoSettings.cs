using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Echo;

/// <summary>The arguments of <c>sluice echo</c>.</summary>
internal sealed record EchoSettings(
    Address Address, ListenSettings Listen, int? Loops, bool Raw, bool Quiet, int? MaxLine, int? MaxConnections, TimeSpan? Grace, bool Json);
