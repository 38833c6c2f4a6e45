using Sluice.Cli.Bench.Ramps;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Bench;

/// <summary>The arguments of <c>sluice bench</c>.</summary>
internal sealed record BenchSettings(Address Address)
{
    public Network Network { get; init; }

    public LoadKind Kind { get; init; }

    /// <summary>The number of concurrent connections.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>The size of a message in bytes, including the LF of a line.</summary>
    public int Size { get; init; } = 64;

    /// <summary>The number of messages in flight per connection.</summary>
    public int Depth { get; init; } = 1;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to run before measuring.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for the next connection to open.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the command line asks for lines.</summary>
    public bool Lines { get; init; }

    /// <summary>Whether messages are random bytes, which contain no lines.</summary>
    public bool Raw { get; init; }

    /// <summary>
    /// Whether messages are lines, which the server may end with CR LF. A server that echoes bytes sends lines back as they are, so lines suit both kinds.
    /// </summary>
    public bool AreLines => !Raw && !IsDatagram && !IsOneWay;

    /// <summary>Messages per second of all connections together; null to send one when another has come back.</summary>
    public double? MessageRate { get; init; }

    /// <summary>How the load grows, step by step; null to run it once.</summary>
    public Ramp? Ramp { get; init; }

    /// <summary>The HTML file to write the results to; null for none.</summary>
    public string? Report { get; init; }

    public bool IsDatagram => Address.Kind == AddressKind.Udp;

    /// <summary>Whether to use TLS, accepting any certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>Whether never to sleep, for a load with a processor of its own.</summary>
    public bool Spin { get; init; }

    /// <summary>Whether to print only the result, as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Whether to count bytes in one direction. There are then no messages and no latencies.</summary>
    public bool IsOneWay => Kind is LoadKind.Send or LoadKind.Receive;

    public override string ToString() => $"{Quantity.Of(Connections, "connection")} to {Address}{(Tls && Address.Kind != AddressKind.Tls ? " under TLS" : "")}, " + Kind switch
    {
        LoadKind.Send => $"sending {Quantity.Of(Size, "byte")} at a time",
        LoadKind.Receive => "receiving",
        LoadKind.Connect => $"{What} of {Quantity.Of(Size, "byte")}, each on a connection of its own",
        _ when MessageRate is { } rate => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{What} of {Quantity.Of(Size, "byte")}, {rate} per second"),
        _ => $"{What} of {Quantity.Of(Size, "byte")}, {Depth} in flight on each",
    };

    private string What => this switch
    {
        { Lines: true } => "lines",
        { IsDatagram: true } => "datagrams",
        _ => "messages",
    };
}
