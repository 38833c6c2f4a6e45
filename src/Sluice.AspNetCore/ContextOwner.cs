using System.Net;
using Microsoft.AspNetCore.Connections;
using Sluice.Channels.InMemory;
using Sluice.Scheduling;
using Sluice.Sockets;
using Sluice.Tls;

namespace Sluice.AspNetCore;

/// <summary>A connection of Kestrel's below a connection of Sluice's: who closes it, after the handler, is Kestrel.</summary>
internal sealed class ContextOwner(ConnectionContext context, ByteWriteChannel output) : IConnectionOwner
{
    private volatile bool _closed;

    public IScheduler Scheduler => ThreadPoolScheduler.Instance;

    public TimeProvider TimeProvider => TimeProvider.System;

    public EndPoint LocalEndPoint => context.LocalEndPoint ?? MemoryEndPoint.Unknown;

    public EndPoint RemoteEndPoint => context.RemoteEndPoint ?? MemoryEndPoint.Unknown;

    public TlsLayer? Layer => null;

    public bool IsClosed => _closed || context.ConnectionClosed.IsCancellationRequested;

    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        _closed = true;
        try
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            enough.CancelAfter(StreamSocketOptions.DefaultCloseTimeout);
            await output.CompleteAsync(enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The peer does not read.
            Abort();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The peer is gone: nothing is left to send.
        }
    }

    public void Abort()
    {
        _closed = true;
        context.Abort();
    }

    public void BeginTls(TlsLayer layer) =>
        throw new InvalidOperationException("TLS on this connection is Kestrel's to do: its end point has connection middleware, or another transport.");

    public Connection OpenConnection() => throw new InvalidOperationException("There is no TLS on this connection.");
}
