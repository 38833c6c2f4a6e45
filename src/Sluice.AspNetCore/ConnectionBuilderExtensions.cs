using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Diagnostics;
using Sluice.Hosting.Connections;

namespace Sluice.AspNetCore;

/// <summary>Runs Sluice handlers at Kestrel's end points.</summary>
public static class ConnectionBuilderExtensions
{
    /// <summary>
    /// Serves an end point of Kestrel with a handler like those of <see cref="ServerSocket.ServeAsync"/>. Works on any transport and behind any
    /// connection middleware, including Kestrel's TLS. On Sluice without middleware, the handler uses the socket's own channels.
    /// </summary>
    /// <param name="builder">The end point, Kestrel's <c>ListenOptions</c>.</param>
    /// <param name="handler">
    /// Serves one connection, which is closed when the task ends. <see cref="Connection.Stopping"/> is canceled when the server begins to stop. When the
    /// host's shutdown timeout has passed, open connections are aborted and the handlers' tokens canceled. Errors that the peer caused
    /// (<see cref="Connection.IsPeerFault"/>) are logged as <c>Debug</c>; Kestrel logs other exceptions. <see cref="Connection.Socket"/> is available on
    /// Sluice without middleware.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IConnectionBuilder UseSluiceHandler(this IConnectionBuilder builder, Func<Connection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(handler);
        var logger = new SafeLogger(
            (builder.ApplicationServices.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(TransportLog.Category));
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
            // The server stops: a proper end.
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
