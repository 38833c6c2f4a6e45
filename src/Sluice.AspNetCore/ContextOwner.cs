using System.Net;
using Microsoft.AspNetCore.Connections;
using Sluice.Channels.InMemory;
using Sluice.Engine;
using Sluice.Hosting;
using Sluice.Hosting.Connections;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Sockets;
using Sluice.Tls;

namespace Sluice.AspNetCore;

/// <summary>Presents a connection of Kestrel as the owner of a connection of Sluice. Kestrel closes it after the handler.</summary>
internal sealed class ContextOwner(ConnectionContext context, ByteWriteChannel output) : IConnectionOwner
{
    private volatile bool _closed;

    public IScheduler Scheduler => ThreadPoolScheduler.Instance;

    // That of the socket below the middleware: on a simulated host, no time of the machine may pass. Other transports have none.
    public TimeProvider TimeProvider { get; } = (context.Features.Get<IStreamSocketFeature>()?.Socket as IConnectionOwner)?.TimeProvider ?? TimeProvider.System;

    public EndPoint LocalEndPoint => context.LocalEndPoint ?? MemoryEndPoint.Unknown;

    public EndPoint RemoteEndPoint => context.RemoteEndPoint ?? MemoryEndPoint.Unknown;

    public TlsLayer? Layer => null;

    public bool IsClosed => _closed || context.ConnectionClosed.IsCancellationRequested;

    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        _closed = true;
        try
        {
            using Deadline enough = SafeDeadline.Create(StreamSocketOptions.DefaultCloseTimeout, TimeProvider, cancellationToken);
            await output.CompleteAsync(enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The peer does not read.
            Abort();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The peer is gone, so there is nothing left to do.
        }
    }

    public void Abort()
    {
        _closed = true;
        context.Abort();
    }

    public void Abort(CloseReason reason) => Abort();

    public void BeginTls(TlsLayer layer) =>
        throw new InvalidOperationException("TLS cannot be started here, because the end point has connection middleware or another transport. Use Kestrel's UseHttps.");

    public Connection OpenConnection() => throw new InvalidOperationException("This connection does not use TLS.");
}
