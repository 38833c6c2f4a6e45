using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Sluice.AspNetCore.Transport;

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
    /// Serves one connection, which is closed when it ends. Its token is cancelled when the server is to stop; what it has not ended by when
    /// the host's shutdown timeout has passed is aborted. <see cref="Connection.Socket"/> is there on Sluice with no middleware in between.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IConnectionBuilder UseSluiceHandler(this IConnectionBuilder builder, Func<Connection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(handler);
        return builder.Run(context => RunAsync(context, handler));
    }

    private static async Task RunAsync(ConnectionContext context, Func<Connection, CancellationToken, Task> handler)
    {
        CancellationToken stopping = context.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? context.ConnectionClosed;
        Connection connection = Open(context);
        try
        {
            await handler(connection, stopping).ConfigureAwait(false);
            await connection.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await connection.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
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
