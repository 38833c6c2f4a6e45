namespace Sluice.Cli.Bench;

/// <summary>What <c>sluice bench</c> was asked for.</summary>
internal sealed record BenchSettings(HostAndPort Address)
{
    public SelectorEngine Engine { get; init; }

    public LoadKind Kind { get; init; }

    /// <summary>Connections at once.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Bytes a message; of a line, its LF included.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Messages in flight on each connection.</summary>
    public int Depth { get; init; } = 1;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Load that is not counted.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Messages are lines, and the server may answer with CR LF.</summary>
    public bool Lines { get; init; }

    /// <summary>Under TLS, with whatever certificate the server shows.</summary>
    public bool Tls { get; init; }

    /// <summary>Never sleep: the load has a processor of its own.</summary>
    public bool Spin { get; init; }

    /// <summary>Print nothing but the result, as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Bytes are counted, not messages, and nothing has a latency.</summary>
    public bool IsOneWay => Kind is LoadKind.Send or LoadKind.Receive;

    public override string ToString() => $"{Connections} connection{(Connections == 1 ? "" : "s")} to {Address}{(Tls ? " under TLS" : "")}, " + Kind switch
    {
        LoadKind.Send => $"sending {Size} bytes at a time",
        LoadKind.Receive => "receiving what comes",
        LoadKind.Connect => $"{What} of {Size} bytes, each on a connection of its own",
        _ => $"{What} of {Size} bytes, {Depth} in flight on each",
    };

    private string What => Lines ? "lines" : "messages";
}
