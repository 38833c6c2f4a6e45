namespace Sluice.Cli;

/// <summary>What <c>sluice echo</c> was asked for.</summary>
internal sealed record EchoSettings(
    HostAndPort Address, SelectorEngine Engine, int? Loops, bool Raw, bool Quiet, int? MaxLine, int? MaxConnections, int? IdleTimeout, int? Grace,
    EchoTls? Tls = null);
