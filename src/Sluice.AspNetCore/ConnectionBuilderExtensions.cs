using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore;

/// <summary>Handlers of Sluice's at Kestrel's end points.</summary>
public static class ConnectionBuilderExtensions
{
    /// <summary>
    /// Serves an end point of Kestrel's with a handler as <see cref="ServerSocket.ServeAsync"/> takes it. Works on any transport and behind any
    /// connection middleware, Kestrel's TLS included. On Sluice, with no middleware in between, the handler has the socket's own channels.
    /// </summary>
    /// <param name="builder">The end point: Kestrel's <c>ListenOptions</c>.</param>
    /// <param name="handler">
    /// Serves one connection, which is closed when it ends. <see cref="Connection.Stopping"/> is cancelled when the server is to stop; what has not
    /// ended by when the host's shutdown timeout has passed is aborted, and the handler's token is cancelled then. What the peer has done
    /// (<see cref="Connection.IsPeerFault"/>) is logged as <c>Debug</c>; any other exception is Kestrel's to log.
    /// <see cref="Connection.Socket"/> is there on Sluice with no middleware in between.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IConnectionBuilder UseSluiceHandler(this IConnectionBuilder builder, Func<Connection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(handler);
        ILogger logger = (builder.ApplicationServices.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(TransportLog.Category);
        return builder.Run(context => RunAsync(context, handler, logger));
    }

    private static async Task RunAsync(ConnectionContext context, Func<Connection, CancellationToken, Task> handler, ILogger logger)
    {
        CancellationToken stopping = context.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        Connection connection = Open(context);
        connection.Stopping = stopping;
        using AbortNotification? abort = context is TransportConnection ? null : new AbortNotification(context, stopping);
        try
        {
            await handler(connection, abort?.Token ?? ((TransportConnection)context).Aborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Let go of by its token: a proper end.
        }
        catch (Exception exception) when (connection.IsPeerFault(exception))
        {
            TransportLog.ConnectionFailed(logger, context.ConnectionId, exception.Message);
        }

        await connection.CloseAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static Connection Open(ConnectionContext context)
    {
        ByteReadChannel input = context.Transport.Input.AsByteReadChannel();
        if (context.Transport.Output is TransportWriter writer && context.Features.Get<IStreamSocketFeature>() is { } feature)
        {
            return new Connection(feature.Socket, input, writer.Channel);
        }

        ByteWriteChannel output = context.Transport.Output.AsByteWriteChannel(autoFlush: true);
        return new Connection(new ContextOwner(context, output), input, output);
    }
}
