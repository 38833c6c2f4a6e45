using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Connecting.Resolving;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Proxying;
using Sluice.Scheduling;
using Sluice.Sockets;

namespace Sluice.Connecting;

/// <summary>Makes one connection, to a name or an address, directly or through proxies.</summary>
internal readonly struct Connector(
    EngineContext context, NameResolution names, StreamSocketOptions options, IReadOnlyList<ProxyHop>? hops = null)
{
    public ValueTask<StreamSocket> ConnectAsync(EndPoint target, CancellationToken cancellationToken) =>
        Traces.Source.HasListeners() || context.Metrics.FailedConnections.Enabled
            ? ObserveAsync(this, target, null, cancellationToken)
            : ConnectCoreAsync(target, cancellationToken);

    /// <summary>Connects as to a name with these addresses.</summary>
    public ValueTask<StreamSocket> ConnectAsync(IReadOnlyList<EndPoint> endPoints, CancellationToken cancellationToken) =>
        Traces.Source.HasListeners() || context.Metrics.FailedConnections.Enabled
            ? ObserveAsync(this, endPoints[0], endPoints, cancellationToken)
            : ConnectAsync(endPoints[0], endPoints, cancellationToken);

    private static async ValueTask<StreamSocket> ObserveAsync(
        Connector connector, EndPoint target, IReadOnlyList<EndPoint>? known, CancellationToken cancellationToken)
    {
        using var trace = new TracedStep(Traces.StartConnect(target), connector.Logger);
        try
        {
            if (known is null)
            {
                return await connector.ConnectCoreAsync(target, cancellationToken).ConfigureAwait(false);
            }

            return await connector.ConnectAsync(target, known, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Traces.Fail(trace.Activity, exception);
            connector.Fail(exception);
            throw;
        }
    }

    private ILogger Logger => context.Engine.Logger;

    // A cancellation is not a failure.
    private void Fail(Exception exception)
    {
        if (exception is not OperationCanceledException)
        {
            context.CountFailure(exception);
        }
    }

    private ValueTask<StreamSocket> ConnectCoreAsync(EndPoint target, CancellationToken cancellationToken) =>
        target is DnsEndPoint || hops is not null || options.ProxyHeader is not null
            ? ConnectAsync(target, known: null, cancellationToken)
            : ConnectDirectlyAsync(target, cancellationToken);

    // The engine applies the timeout of a single attempt, so that a connection that completes at once needs no timer here.
    private async ValueTask<StreamSocket> ConnectDirectlyAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        EngineContext shared = context;
        StreamSocketOptions with = options;
        var socket = new StreamSocket(shared, await ConnectRace.AttemptAsync(shared.Engine, endPoint, with, cancellationToken).ConfigureAwait(false));
        return socket.HandOut(with.OpenedAt);
    }

    private async ValueTask<StreamSocket> ConnectAsync(EndPoint target, IReadOnlyList<EndPoint>? known, CancellationToken cancellationToken)
    {
        EngineContext shared = context;
        StreamSocketOptions with = options;
        NameResolution resolution = names;
        IReadOnlyList<ProxyHop> through = hops ?? [];
        EndPoint first = through.Count > 0 ? through[0].Proxy : target;
        ConnectRace? race = null;
        StreamSocket? socket = null;
        using var deadline = new Deadline(with.ConnectTimeout, shared.Engine.TimeProvider, cancellationToken);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            IReadOnlyList<EndPoint> endPoints = known ?? await resolution.ResolveAsync(first, deadline.Token).ConfigureAwait(false);
            race = new ConnectRace(shared.Engine, first, AddressOrder.Interleave(endPoints), with);
            socket = new StreamSocket(shared, await race.RunAsync(deadline.Token).ConfigureAwait(false));
            await RunPreambleAsync(socket, target, through, with.ProxyHeader, deadline.Token).ConfigureAwait(false);
            return socket.HandOut(with.OpenedAt);
        }
        catch (OperationCanceledException)
        {
            await deadline.Token.LeaveCancelAsync();
            socket?.Abort();
            if (deadline.HasPassed())
            {
                throw SocketErrors.ConnectTimedOut(target, with.ConnectTimeout, race?.Failure);
            }

            throw;
        }
        catch (Exception exception) when (socket is { IsClosed: true } && exception is IOException or SocketException or ObjectDisposedException)
        {
            // The manager was disposed of during the requests to proxies, or while the header was sent.
            throw socket!.Transport.Closed();
        }
        catch
        {
            socket?.Abort();
            throw;
        }
    }

    // Sends the requests to proxies, and the PROXY header to the server, before the caller gets the connection.
    private static async ValueTask RunPreambleAsync(
        StreamSocket socket, EndPoint target, IReadOnlyList<ProxyHop> through, ProxyHeader? header, CancellationToken cancellationToken)
    {
        if (through.Count == 0 && header is null)
        {
            return;
        }

        var preamble = new ConnectionPreamble(socket);
        for (int i = 0; i < through.Count; i++)
        {
            await through[i].OpenAsync(preamble, i + 1 < through.Count ? through[i + 1].Proxy : target, cancellationToken).ConfigureAwait(false);
        }

        if (header is not null)
        {
            await ProxyHop.SendHeaderAsync(preamble, header, target, cancellationToken).ConfigureAwait(false);
        }

        socket.EndPreamble(through.Count > 0 ? new PeerIdentity(target, header: null) : null);
    }
}
