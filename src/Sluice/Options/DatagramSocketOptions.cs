using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options that datagram sockets of every family have.</summary>
public abstract class DatagramSocketOptions : SocketOptions
{
    /// <summary>The default of <see cref="MaxDatagramSize"/>: no IP datagram is longer (RFC 791, RFC 8200).</summary>
    public const int DefaultMaxDatagramSize = 65_535;

    /// <summary>The default of <see cref="ReceiveBatchSize"/>.</summary>
    public const int DefaultReceiveBatchSize = 16;

    private protected DatagramSocketOptions()
    {
    }

    private protected DatagramSocketOptions(DatagramSocketOptions other)
        : base(other)
    {
        MaxDatagramSize = other.MaxDatagramSize;
        ReceiveBatchSize = other.ReceiveBatchSize;
    }

    /// <summary>
    /// Gets or sets the longest datagram that is received completely, in bytes, 1 to 16 MiB. A longer one is truncated and marked. Default:
    /// <see cref="DefaultMaxDatagramSize"/>; a smaller value takes less memory.
    /// </summary>
    public int MaxDatagramSize
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 16 * 1024 * 1024);
    } = DefaultMaxDatagramSize;

    /// <summary>
    /// Gets or sets the number of datagrams of <see cref="MaxDatagramSize"/> that one system call can receive, where the system supports batches, 1 to 256. It
    /// also limits the memory of datagrams for a slow receiver: further ones stay in the kernel's buffer (<see cref="SocketOptions.ReceiveBufferSize"/>), and
    /// the kernel drops those that do not fit. Default: <see cref="DefaultReceiveBatchSize"/>. With both defaults, an idle socket holds none of this memory;
    /// with other values it keeps it.
    /// </summary>
    public int ReceiveBatchSize
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 256);
    } = DefaultReceiveBatchSize;
}
