namespace Sluice.Channels.Reading.Operations;

/// <summary>What an <see cref="IReadOperation{T}"/> is told about where it stands, and what it says is to become of the buffer.</summary>
internal struct ReadContext(long position, bool ended)
{
    /// <summary>How many bytes were read before.</summary>
    public readonly long Position => position;

    /// <summary>Whether nothing more comes.</summary>
    public readonly bool Ended => ended;

    /// <summary>How many bytes at the front are read.</summary>
    public long Consumed { get; set; }

    /// <summary>The result shows them, or bytes behind them: they stay until the next read begins.</summary>
    public bool Held { get; set; }

    /// <summary>An LF that comes next is read with them.</summary>
    public LineScanner? SkipLineFeed { get; set; }
}
