using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Serving;

namespace Sluice.Hosting.Connections;

/// <summary>Listens at one of Kestrel's end points.</summary>
internal sealed class TransportListener : IConnectionListener
{
    // More than a backlog holds (net.core.somaxconn, listen(2)): a bound, so that a stream of new clients cannot keep the server from stopping.
    private const int MostLeft = 4096;

    private readonly TransportHost _host;
    private readonly ServerSocket _server;
    private readonly AcceptBackoff _backoff;
    private readonly CancellationTokenSource _unbind = new();
    private int _left;

    public TransportListener(TransportHost host, EndPoint asked, ServerSocket server)
    {
        _host = host;
        _server = server;
        _backoff = new AcceptBackoff(host.Selector.Sockets, server.LocalEndPoint);
        EndPoint = asked is FileHandleEndPoint ? asked : server.LocalEndPoint;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Accepts the next connection; returns null after the last one.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource? both = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbind.Token)
            : null;
        while (true)
        {
            try
            {
                StreamSocket accepted = await _server.AcceptOneAsync(handsOut: false, both?.Token ?? _unbind.Token).ConfigureAwait(false);
                _backoff.Reset();
                return Start(accepted);
            }
            catch (OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return await AcceptLeftAsync().ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException exception) when (SocketErrors.IsTransientAcceptError(exception.SocketErrorCode))
            {
                await PauseAsync(exception).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops accepting, except for connections that have already arrived: closing the socket would reset them.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _unbind.CancelAsync().ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        var steps = new DisposalSteps();
        await steps.RunAsync(_unbind.CancelAsync).ConfigureAwait(false);
        await steps.RunAsync(() => _server.DisposeAsync().AsTask()).ConfigureAwait(false);
        steps.ThrowIfFailed();
    }

    private async ValueTask<ConnectionContext?> AcceptLeftAsync()
    {
        try
        {
            if (_left++ < MostLeft && await _server.AcceptPendingAsync().ConfigureAwait(false) is { } last)
            {
                return Start(last);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Closed by another caller, or no connection is left.
        }

        await _server.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    private async ValueTask PauseAsync(SocketException exception)
    {
        try
        {
            await _backoff.PauseAsync(exception, _unbind.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The next accept sees the cancellation.
        }
    }

    private TransportConnection Start(StreamSocket accepted) => new(_host, accepted);
}
