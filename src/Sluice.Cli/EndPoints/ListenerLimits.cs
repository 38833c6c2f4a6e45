namespace Sluice.Cli.EndPoints;

/// <summary>The limits of a listener.</summary>
internal sealed record ListenerLimits
{
    /// <summary>Gets the most links at a time.</summary>
    public int MaxConnections { get; init; } = ServeOptions.DefaultMaxConnections;

    /// <summary>Gets how long handlers may take after the stop.</summary>
    public TimeSpan Grace { get; init; } = ServeOptions.DefaultGrace;

    /// <summary>Gets how long handlers may take after a hand-over; null if it is the same.</summary>
    public TimeSpan? GraceOfHandOver { get; init; }

    /// <summary>Gets how long a link of datagrams may be idle before it ends.</summary>
    public TimeSpan DatagramIdle { get; init; } = TimeSpan.FromSeconds(60);
}
