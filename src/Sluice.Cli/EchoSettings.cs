namespace Sluice.Cli;

/// <summary>The arguments of <c>sluice echo</c>.</summary>
internal sealed record EchoSettings(
    HostAndPort Address, SelectorEngine Engine, int? Loops, bool Raw, bool Quiet, int? MaxLine, int? MaxConnections, int? IdleTimeout, int? Grace,
    EchoTls? Tls = null);
