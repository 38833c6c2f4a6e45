using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Options;
using Sluice.Proxying;

namespace Sluice.Serving.Initializing;

/// <summary>Reads the PROXY header of a connection that comes from a proxy.</summary>
internal sealed class ProxyInitializer(ProxyProtocolOptions options, TimeProvider timeProvider) : IConnectionInitializer
{
    private readonly ProxyHeaderReader _reader = new(options.MaxHeaderLength);
    private readonly IPNetwork[] _trusted = [.. options.TrustedNetworks];
    private readonly bool _refuseOthers = options.UntrustedPeers == UntrustedPeers.Refuse;
    private readonly bool _servesLocal = options.ServeLocalConnections;
    private readonly TimeSpan _timeout = options.HeaderTimeout;

    public int MaxPending { get; } = options.MaxPendingConnections;

    public string ErrorType => "proxy_header";

    public async ValueTask<string?> PrepareAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        if (!IsTrusted(socket.TransportRemoteEndPoint))
        {
            return _refuseOthers ? "it does not come from a trusted network" : null;
        }

        using var deadline = new Deadline(_timeout, timeProvider, cancellationToken);
        try
        {
            await _reader.ReadAsync(socket, deadline.Token).ConfigureAwait(false);
            if (!_servesLocal && socket.ProxyHeader is { IsLocal: true })
            {
                // Bounded, never fails, and goes on by itself. A socket that is closed is not handed out.
                _ = socket.CloseAsync(CancellationToken.None).AsTask();
            }

            return null;
        }
        catch (OperationCanceledException) when (deadline.HasPassed())
        {
            return "its header did not come in time";
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
