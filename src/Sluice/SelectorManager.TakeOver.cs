using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Serving;

namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>
    /// Takes over the listener that a server offers at <paramref name="path"/> (<see cref="ServerSocket.HandOverAsync(string, CancellationToken)"/>). When this
    /// returns, the predecessor no longer accepts. No client is refused: connections wait in the queue to be accepted here. Linux only.
    /// </summary>
    /// <param name="path">The path of the predecessor.</param>
    /// <param name="configure">Changes the options of accepted connections.</param>
    /// <param name="cancellationToken">Ends the attempt, until the listener is here.</param>
    /// <returns>The listener.</returns>
    /// <exception cref="ArgumentException">The path is empty or too long.</exception>
    /// <exception cref="InvalidDataException">The server at the path offers no listener.</exception>
    /// <exception cref="IOException">The predecessor is gone.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="SocketException">
    /// No server listens at the path: <see cref="SocketError.AddressNotAvailable"/> if there is no such file, <see cref="SocketError.ConnectionRefused"/>
    /// if there is one.
    /// </exception>
    /// <exception cref="TimeoutException">The predecessor did not answer within ten seconds.</exception>
    /// <exception cref="UnauthorizedAccessException">The predecessor is a process of another user.</exception>
    public async Task<ServerSocket> TakeOverAsync(
        string path, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        await TakeOverAsync(await Unix().ConnectAsync(path, null, cancellationToken).ConfigureAwait(false), configure, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Takes over a listener as <see cref="TakeOverAsync(string, Action{StreamSocketOptions}?, CancellationToken)"/> does, if there is a predecessor: the first
    /// process finds none, and binds.
    /// </summary>
    /// <param name="path">The path of the predecessor.</param>
    /// <param name="configure">Changes the options of accepted connections.</param>
    /// <param name="cancellationToken">Ends the attempt, until the listener is here.</param>
    /// <returns>The listener; null if there is no predecessor.</returns>
    /// <inheritdoc cref="TakeOverAsync(string, Action{StreamSocketOptions}?, CancellationToken)" path="/*[self::remarks or self::exception]"/>
    public async Task<ServerSocket?> TryTakeOverAsync(
        string path, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        StreamSocket predecessor;
        try
        {
            predecessor = await Unix().ConnectAsync(path, null, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.ConnectionRefused)
        {
            return null;
        }

        return await TakeOverAsync(predecessor, configure, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes over the listener of a server through an open connection; otherwise as
    /// <see cref="TakeOverAsync(string, Action{StreamSocketOptions}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="predecessor">
    /// A Unix domain connection to the predecessor, on which it calls <see cref="ServerSocket.HandOverAsync(StreamSocket, CancellationToken)"/>. It is
    /// closed afterwards.
    /// </param>
    /// <param name="configure">Changes the options of accepted connections.</param>
    /// <param name="cancellationToken">Ends the attempt, until the listener is here.</param>
    /// <returns>The listener.</returns>
    /// <exception cref="InvalidOperationException">This is not a Unix domain connection, or it is being read or written.</exception>
    /// <inheritdoc cref="TakeOverAsync(string, Action{StreamSocketOptions}?, CancellationToken)" path="/*[self::remarks or self::exception]"/>
    public async Task<ServerSocket> TakeOverAsync(
        StreamSocket predecessor, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predecessor);
        await using (predecessor.ConfigureAwait(false))
        {
            ListenerOffer.Check(predecessor);
            using var deadline = new Deadline(ListenerOffer.Timeout, Sockets.TimeProvider, cancellationToken);
            try
            {
                (ListenerOffer offer, SocketHandle handle) = await ReceiveOfferAsync(predecessor, deadline.Token).ConfigureAwait(false);
                ServerSocket server = Adopt(offer, handle, configure);
                await AnswerAsync(predecessor, server, deadline.Token).ConfigureAwait(false);
                return server;
            }
            catch (OperationCanceledException)
            {
                await deadline.Token.LeaveCancelAsync();
                deadline.HasPassed();
                throw new TimeoutException($"The predecessor did not answer within {ListenerOffer.Timeout.TotalSeconds:0} s.");
            }
        }
    }

    private static async Task<(ListenerOffer Offer, SocketHandle Handle)> ReceiveOfferAsync(StreamSocket predecessor, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[ListenerOffer.MaxLength];
        SocketHandle? handle = null;
        try
        {
            int length = 0;
            ListenerOffer offer;
            do
            {
                using ReceivedHandles received = await predecessor.ReceiveHandlesAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (received.ByteCount == 0)
                {
                    throw new EndOfStreamException("The predecessor closed the connection and has offered no listener.");
                }

                length += received.ByteCount;
                handle ??= received.Count > 0 ? received.TakeRaw(0) : null;
            }
            while (!ListenerOffer.TryParse(buffer.AsSpan(0, length), out offer));
            return (offer, handle ?? throw new InvalidDataException("The offer of a listener came without a descriptor."));
        }
        catch
        {
            handle?.Dispose();
            throw;
        }
    }

    // The answer commits the hand-over. The end of the connection then confirms that the predecessor no longer accepts; a failure does not matter any more.
    private static async Task AnswerAsync(StreamSocket predecessor, ServerSocket server, CancellationToken cancellationToken)
    {
        try
        {
            await predecessor.SendHandlesAsync([], ListenerOffer.Accepted, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            server.ReleaseToSuccessor();
            throw;
        }

        try
        {
            byte[] rest = new byte[1];
            using ReceivedHandles received = await predecessor.ReceiveHandlesAsync(rest, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The predecessor crashed, or is slow.
        }
    }

    private ServerSocket Adopt(ListenerOffer offer, SocketHandle handle, Action<StreamSocketOptions>? configure)
    {
        try
        {
            UnixSocketFile? file = offer.Path is { } path ? UnixSocketFile.TakeOver(path, offer.DeletesFile) : null;
            return AdoptListener(new AdoptableSocket(handle), configure, file);
        }
        catch (ArgumentException exception)
        {
            handle.Dispose();
            throw new InvalidDataException($"The offered listener cannot be used: {exception.Message}", exception);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
