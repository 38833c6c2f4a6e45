using System.Net;
using Sluice.Options;

namespace Sluice;

/// <summary>Provides the options of a <see cref="ByteChannel"/>.</summary>
public sealed class ByteChannelOptions
{
    /// <summary>
    /// Gets the number of bytes that the pipe holds between writer and reader, besides the buffer of each of them. Default: 65,536; at least 1.
    /// </summary>
    public int Capacity
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = 64 * 1024;

    /// <summary>
    /// Gets the largest number of bytes that the reader receives at once. Default: no limit. With 1, a test sees its code receive every byte alone.
    /// </summary>
    public int MaxFragment
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = int.MaxValue;

    /// <summary>Gets a value indicating whether written bytes reach the reader without a flush. Default: true.</summary>
    public bool AutoFlush { get; init; } = true;

    /// <summary>
    /// Gets how long a read or a write may wait without progress, as <see cref="StreamSocketOptions.SocketTimeout"/> of a socket does: then it throws
    /// <see cref="IOException"/> with a <see cref="TimeoutException"/> inside, and the channel stays usable. Default:
    /// <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan SocketTimeout
    {
        get;
        init => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>Gets the clock of every timeout, as <see cref="SelectorOptions.TimeProvider"/> does. Default: the system's clock.</summary>
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
    /// Gets, for a connected pair, the <see cref="Connection.LocalEndPoint"/> of the first connection, and the
    /// <see cref="Connection.RemoteEndPoint"/> of the second. Default: null, an end point of its own whose text is, for instance,
    /// <c>memory:1/first</c>.
    /// </summary>
    public EndPoint? FirstEndPoint { get; init; }

    /// <summary>
    /// Gets, for a connected pair, the <see cref="Connection.LocalEndPoint"/> of the second connection, and the
    /// <see cref="Connection.RemoteEndPoint"/> of the first. Default: null, an end point of its own whose text is, for instance,
    /// <c>memory:1/second</c>.
    /// </summary>
    public EndPoint? SecondEndPoint { get; init; }

    /// <summary>
    /// Gets how long closing a connection of a pair, or disposing a stream over a channel, waits for a peer that does not read. Default: 5 seconds;
    /// <see cref="TimeSpan.Zero"/> not to wait; at most 24 days.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = Durations.ThrowIfNegative(value);
        }
    } = TimeSpan.FromSeconds(5);
}
