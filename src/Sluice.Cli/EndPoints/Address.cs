namespace Sluice.Cli.EndPoints;

/// <summary>An end point on the command line.</summary>
/// <param name="Kind">The kind, exactly one.</param>
/// <param name="Host">The host of TCP, TLS and UDP; the path or abstract name of a Unix domain socket; the command of <c>exec:</c>; otherwise empty.</param>
/// <param name="Number">The port of TCP, TLS and UDP; the number of a descriptor; otherwise 0.</param>
internal sealed record Address(AddressKind Kind, string Host, int Number = 0)
{
    /// <summary>Gets the host of a listener whose end point names none.</summary>
    public const string AnyHost = "0.0.0.0";

    /// <summary>Gets the host of a server whose end point names none.</summary>
    public const string ThisHost = "localhost";

    /// <summary>Gets a value indicating whether the end point has a host and a port.</summary>
    public bool HasPort => Kind is AddressKind.Tcp or AddressKind.Tls or AddressKind.Udp;

    /// <summary>Gets the host and the port, as they stand in an address.</summary>
    public string HostAndPort => Host.Contains(':') ? $"[{Host}]:{Number}" : $"{Host}:{Number}";

    /// <summary>Formats the end point as the command line takes it.</summary>
    public override string ToString() => Kind switch
    {
        AddressKind.Tcp => HostAndPort,
        AddressKind.Tls => $"tls://{HostAndPort}",
        AddressKind.Udp => $"udp://{HostAndPort}",
        AddressKind.Unix => $"unix:{(Host.StartsWith('\0') ? $"@{Host[1..]}" : Host)}",
        AddressKind.Descriptor => $"fd:{Number}",
        AddressKind.Command => $"exec:{Host}",
        _ => "-",
    };
}
