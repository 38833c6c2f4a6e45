using System.Net;
using Sluice.Options;

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
    /// How long a read or a write may wait without progress, as <see cref="StreamSocketOptions.SocketTimeout"/> of a socket: it then throws
    /// <see cref="IOException"/> with a <see cref="TimeoutException"/> inside, and the channel stays usable. Default:
    /// <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan SocketTimeout
    {
        get;
        init => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>What measures every time-out, as <see cref="SelectorOptions.TimeProvider"/> does. Default: the system's clock.</summary>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = TimeProvider.System;

    /// <summary>
    /// For a connected pair: the <see cref="Connection.LocalEndPoint"/> of the first connection, and the
    /// <see cref="Connection.RemoteEndPoint"/> of the second. Default: null, an end point of its own whose text is, for instance,
    /// <c>memory:1/first</c>.
    /// </summary>
    public EndPoint? FirstEndPoint { get; init; }

    /// <summary>
    /// For a connected pair: the <see cref="Connection.LocalEndPoint"/> of the second connection, and the
    /// <see cref="Connection.RemoteEndPoint"/> of the first. Default: null, an end point of its own whose text is, for instance,
    /// <c>memory:1/second</c>.
    /// </summary>
    public EndPoint? SecondEndPoint { get; init; }

    /// <summary>
    /// How long closing a connection of a pair, or disposing of a stream over a channel, waits for a peer that does not read. Default: 5 seconds;
    /// <see cref="TimeSpan.Zero"/> for not at all.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = TimeSpan.FromSeconds(5);
}
