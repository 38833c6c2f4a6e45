namespace Sluice.Cli.Relay;

/// <summary>The disturbances that a relay adds on purpose.</summary>
internal sealed record Faults
{
    /// <summary>Gets how long bytes are held back, in each direction.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Gets by how much the latency varies in either direction.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Gets the bytes per second of a direction; null for no limit.</summary>
    public long? Rate { get; init; }

    /// <summary>Gets the share of datagrams that are lost, or of reads of a stream that are delayed as after a lost segment, from 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Gets after how many bytes of both directions a connection is reset; null for never.</summary>
    public long? CutAfterBytes { get; init; }

    /// <summary>Gets after what time a connection is reset; null for never.</summary>
    public TimeSpan? CutAfterTime { get; init; }

    public bool AreNone => Latency == default && Jitter == default && Rate is null && Loss == 0 && CutAfterBytes is null && CutAfterTime is null;
}
