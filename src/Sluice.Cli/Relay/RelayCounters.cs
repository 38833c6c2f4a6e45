namespace Sluice.Cli.Relay;

/// <summary>Counts the bytes of one relayed connection.</summary>
internal sealed class RelayCounters
{
    private long _there;
    private long _back;

    public long There => Interlocked.Read(ref _there);

    public long Back => Interlocked.Read(ref _back);

    /// <summary>Gets or sets a value indicating whether the bytes were counted.</summary>
    public bool Known { get; set; } = true;

    /// <summary>Counts bytes, and returns those of both directions.</summary>
    public long Add(bool there, long count)
    {
        Interlocked.Add(ref there ? ref _there : ref _back, count);
        return There + Back;
    }
}
