using Sluice.Serving.Initializing;

namespace Sluice;

public sealed partial class ServerSocket
{
    /// <summary>
    /// Reads a PROXY header at the start of every connection, before a TLS handshake, as <see cref="TcpListenerOptions.ProxyProtocol"/> does: for a listener
    /// that was not made with options, such as one that was adopted or taken over. Must be called once, before the first accept.
    /// </summary>
    /// <param name="options">The trusted networks and the bounds of a header.</param>
    /// <returns>This server.</returns>
    /// <exception cref="ArgumentException">The options would refuse every connection.</exception>
    /// <exception cref="InvalidOperationException">The server reads PROXY headers already, or accepts already.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed.</exception>
    public ServerSocket UseProxyProtocol(ProxyProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfRefusesAll();
        SetUp("the PROXY protocol", () => _proxy = _proxy is null
            ? new ProxyInitializer(options, _context.Engine.TimeProvider)
            : throw new InvalidOperationException("This server reads PROXY headers already."));
        return this;
    }
}
