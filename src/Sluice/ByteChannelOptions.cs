namespace Sluice;

/// <summary>What a <see cref="ByteChannel"/> is like.</summary>
public sealed class ByteChannelOptions
{
    /// <summary>
    /// How many bytes it holds between writer and reader, besides what each of them has in its own buffer. Default: 65,536; at least 1.
    /// </summary>
    public int Capacity
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = 64 * 1024;

    /// <summary>
    /// How many bytes the reader receives at once, at most. Default: no limit. With 1, a test sees whatever happens when every byte comes
    /// by itself.
    /// </summary>
    public int MaxFragment
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = int.MaxValue;

    /// <summary>Whether what is written reaches the reader without a flush. Default: true.</summary>
    public bool AutoFlush { get; init; } = true;

    /// <summary>
    /// For a connected pair: how long closing waits for a peer that does not read. Default: 5 seconds; <see cref="TimeSpan.Zero"/> for not at
    /// all.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = TimeSpan.FromSeconds(5);
}
