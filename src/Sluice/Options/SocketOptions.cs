using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of every socket, set before it is bound or connected.</summary>
public abstract partial class SocketOptions
{
    /// <summary>The stack trace of the call that these options are for; see <see cref="SelectorOptions.CaptureOpenStackTraces"/>. Never copied.</summary>
    internal string? OpenedAt { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the socket may bind to an address that connections of an earlier socket still use in TIME_WAIT
    /// (<c>SO_REUSEADDR</c>, socket(7)). Default: true for listeners, except on Windows, where the option has another meaning and is unsafe; false for clients.
    /// Two open listeners never share a port through it.
    /// </summary>
    public bool ReuseAddress { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether several sockets may bind to the same address and port, and share what arrives (<c>SO_REUSEPORT</c>, socket(7)).
    /// Default: false. On a system without the option, a bind throws <see cref="PlatformNotSupportedException"/>.
    /// </summary>
    public bool ReusePort { get; set; }

    /// <summary>Gets or sets the kernel's send buffer in bytes (<c>SO_SNDBUF</c>). Default: null, the system's own, which adapts its size.</summary>
    public int? SendBufferSize
    {
        get;
        set => field = OptionBounds.InRange(value, 1, int.MaxValue);
    }

    /// <summary>Gets or sets the kernel's receive buffer in bytes (<c>SO_RCVBUF</c>). Default: null, the system's own, which adapts its size.</summary>
    public int? ReceiveBufferSize
    {
        get;
        set => field = OptionBounds.InRange(value, 1, int.MaxValue);
    }

    /// <summary>
    /// Gets or sets the type-of-service byte of outgoing packets, 0 to 255 (<c>IP_TOS</c>, ip(7); <c>IPV6_TCLASS</c> for IPv6, RFC 3542): the upper six bits
    /// are the DSCP (RFC 2474). Default: null, the system's own.
    /// </summary>
    public int? TypeOfService
    {
        get;
        set => field = OptionBounds.InRange(value, 0, byte.MaxValue);
    }

    private protected SocketOptions()
    {
    }

    private protected SocketOptions(SocketOptions other)
    {
        ReuseAddress = other.ReuseAddress;
        ReusePort = other.ReusePort;
        SendBufferSize = other.SendBufferSize;
        ReceiveBufferSize = other.ReceiveBufferSize;
        TypeOfService = other.TypeOfService;
        RareOptions = other.RareOptions is { } more ? new OptionSet(more) : null;
    }
}
