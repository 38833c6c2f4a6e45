using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Options;
using Sluice.Proxying;

namespace Sluice.Serving.Initializing;

/// <summary>Reads the PROXY header of an accepted connection.</summary>
internal sealed class ProxyInitializer(ProxyProtocolOptions options, TimeProvider timeProvider) : IConnectionInitializer
{
    private readonly ProxyHeaderReader _reader = new(options.MaxHeaderLength);
    private readonly IPNetwork[] _trusted = [.. options.TrustedNetworks];
    private readonly bool _refuseOthers = options.UntrustedPeers == UntrustedPeers.Refuse;
    private readonly bool _servesLocal = options.ServeLocalConnections;
    private readonly TimeSpan _timeout = options.HeaderTimeout;

    public int MaxPending { get; } = options.MaxPendingConnections;

    public string ErrorType => "proxy_header";

    public async ValueTask<string?> InitializeAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        if (!IsTrusted(socket.TransportRemoteEndPoint))
        {
            return _refuseOthers ? "its peer is not in a trusted network" : null;
        }

        using var deadline = new Deadline(_timeout, timeProvider, cancellationToken);
        try
        {
            await _reader.ReadAsync(socket, deadline.Token).ConfigureAwait(false);
            if (!_servesLocal && socket.ProxyHeader is { IsLocal: true })
            {
                // The close is bounded, never fails, and continues in the background. A closed socket is not returned by an accept.
                _ = socket.CloseAsync(CancellationToken.None).AsTask();
            }

            return null;
        }
        catch (OperationCanceledException) when (deadline.HasPassed())
        {
            return "its header did not arrive in time";
        }
    }

    public void LogRefusal(ILogger logger, StreamSocket socket, string reason) => logger.ProxyHeaderRefused(socket.TransportRemoteEndPoint, reason);

    private bool IsTrusted(EndPoint peer)
    {
        if (peer is not IPEndPoint { Address: var address })
        {
            return false;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_trusted, network => network.Contains(plain));
    }
}
