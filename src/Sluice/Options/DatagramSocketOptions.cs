using Sluice.Options;

namespace Sluice;

/// <summary>What datagram sockets of every family have in common.</summary>
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
    /// The longest datagram that is received whole, in bytes, 1 to 16 MiB; a longer one is truncated, and says so. Default:
    /// <see cref="DefaultMaxDatagramSize"/>. Whoever knows that less will come saves memory.
    /// </summary>
    public int MaxDatagramSize
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 16 * 1024 * 1024);
    } = DefaultMaxDatagramSize;

    /// <summary>
    /// How many times <see cref="MaxDatagramSize"/> is taken from the kernel in one system call, where it can hand over several, 1 to 256:
    /// the bound of what waits in memory for a slow receiver. What comes beyond stays in the kernel's buffer
    /// (<see cref="SocketOptions.ReceiveBufferSize"/>), and beyond that is dropped there. Default: <see cref="DefaultReceiveBatchSize"/>. With
    /// both defaults a socket at which nothing comes holds none of it; with others it keeps it.
    /// </summary>
    public int ReceiveBatchSize
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 256);
    } = DefaultReceiveBatchSize;
}
