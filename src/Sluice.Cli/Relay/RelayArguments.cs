using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>The arguments of <c>sluice relay</c>.</summary>
internal sealed record RelayArguments(Address Address, IReadOnlyList<Address> Targets, ListenSettings Listen, DialSettings Dial)
{
    public Balance Balance { get; init; }

    /// <summary>Gets how often the targets are checked; null for never.</summary>
    public TimeSpan? Check { get; init; }

    public Faults Faults { get; init; } = new();

    public int? MaxConnections { get; init; }

    public TimeSpan? Grace { get; init; }

    /// <summary>Gets the version of the PROXY header that names the client to the target; null for none.</summary>
    public ProxyProtocolVersion? SendProxy { get; init; }

    /// <summary>Gets the file to record to; null for none.</summary>
    public string? Record { get; init; }

    /// <summary>Gets the path over which the listener is handed to a successor, and taken from a predecessor; null for none.</summary>
    public string? HandOver { get; init; }

    public int? Loops { get; init; }

    public bool Quiet { get; init; }

    public bool Json { get; init; }

    /// <summary>Gets the names of what is different in <paramref name="other"/> and can only change with the listener or the event loops.</summary>
    public IReadOnlyList<string> FixedDifferences(RelayArguments other)
    {
        (string Name, object? Mine, object? Others)[] all =
        [
            ("LISTEN", Address, other.Address),
            ("--accept-proxy", string.Join(' ', Listen.Proxies), string.Join(' ', other.Listen.Proxies)),
            ("--idle-timeout", Listen.IdleTimeout, other.Listen.IdleTimeout),
            ("--cert", Listen.Tls?.CertificateFile, other.Listen.Tls?.CertificateFile),
            ("--key", Listen.Tls?.KeyFile, other.Listen.Tls?.KeyFile),
            ("--client-ca", Listen.Tls?.ClientAuthorityFile, other.Listen.Tls?.ClientAuthorityFile),
            ("--engine, -4, -6", Listen.Network, other.Listen.Network),
            ("--loops", Loops, other.Loops),
            ("--grace", Grace, other.Grace),
            ("--record", Record, other.Record),
            ("--hand-over", HandOver, other.HandOver),
        ];
        return [.. all.Where(one => !Equals(one.Mine, one.Others)).Select(one => one.Name)];
    }
}
