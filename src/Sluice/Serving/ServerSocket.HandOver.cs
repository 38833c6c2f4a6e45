using System.Net.Sockets;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Serving;

namespace Sluice;

public sealed partial class ServerSocket
{
    // A connection that was accepted during the hand-over, for the next call that accepts. Exchanged with Interlocked.
    private StreamSocket? _pending;

    // Written once, by the call that hands over; read by the server's accept loop and its drain.
    private volatile bool _handedOver;

    /// <summary>Whether a successor has the listener. Connections that were accepted here are still served here.</summary>
    internal bool IsHandedOver => _handedOver;

    /// <summary>
    /// Waits until a successor connects to <paramref name="path"/> (<see cref="SelectorManager.TakeOverAsync(string, Action{StreamSocketOptions}?, CancellationToken)"/>),
    /// passes it the listening socket, and closes this one. Both share the kernel's queue of connections, so none is refused or lost, and accepted
    /// connections continue here. <see cref="ServeAsync"/> ends as after a cancellation. Linux only.
    /// </summary>
    /// <remarks>
    /// If a successor does not accept the listener within ten seconds, the server continues and waits for the next one. Only processes of the same user, or of
    /// root, get the listener. The successor also gets the file of a Unix domain socket. TLS and the PROXY protocol are no part of the listener: the successor
    /// sets them up again (<see cref="UseTls(ListenerTlsOptions)"/>, <see cref="UseProxyProtocol"/>). Handshakes and headers that have begun here are completed here, and
    /// their connections are served here; a caller of <see cref="AcceptAsync"/> goes on until it throws <see cref="ObjectDisposedException"/> to get them.
    /// </remarks>
    /// <param name="path">The path that the successor connects to: a Unix domain socket that only this user can connect to; see
    /// <see cref="UnixSocketBuilder.BindAsync(string, Action{UnixListenerOptions}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the server continues.</param>
    /// <exception cref="ArgumentException">The path is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">The server listens at both addresses of <c>localhost</c>.</exception>
    /// <exception cref="ObjectDisposedException">The server is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="SocketException">The path cannot be bound.</exception>
    public Task HandOverAsync(string path, CancellationToken cancellationToken = default) => HandOverAsync(path, bound: null, cancellationToken);

    /// <summary>Binds the path of a hand-over before it begins: a successor that connects waits.</summary>
    /// <exception cref="SocketException">The path cannot be bound.</exception>
    internal Task<ServerSocket> BindHandOverAsync(string path, CancellationToken cancellationToken)
    {
        ThrowUnlessHandsOver();
        return BindHandOverListenerAsync(path, cancellationToken);
    }

    /// <inheritdoc cref="HandOverAsync(string, CancellationToken)"/>
    /// <param name="path">The path that the successor connects to.</param>
    /// <param name="bound">What listens there already (<see cref="BindHandOverAsync"/>), and is closed at the end; null if nothing does.</param>
    /// <param name="cancellationToken">Ends the wait; the server continues.</param>
    internal async Task HandOverAsync(string path, ServerSocket? bound, CancellationToken cancellationToken)
    {
        ThrowUnlessHandsOver();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            ServerSocket listener = bound ?? await BindHandOverListenerAsync(path, end.Token).ConfigureAwait(false);
            await using (listener.ConfigureAwait(false))
            {
                await foreach (StreamSocket successor in listener.AcceptAllAsync(end.Token).ConfigureAwait(false))
                {
                    if (await TryHandOverAsync(path, listener, successor, end.Token).ConfigureAwait(false))
                    {
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the caller, or because the server was closed.
            await end.Token.LeaveCancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (ObjectDisposedException) when (IsClosed)
        {
            // Of the manager, of the path's listener, or of this one's descriptor: whichever the close has reached first.
        }

        throw _transport.Closed();
    }

    /// <summary>
    /// Passes the listening socket to a successor that is already connected; otherwise as
    /// <see cref="HandOverAsync(string, CancellationToken)"/>.
    /// </summary>
    /// <param name="successor">
    /// A Unix domain connection to it, on which it calls
    /// <see cref="SelectorManager.TakeOverAsync(StreamSocket, Action{StreamSocketOptions}?, CancellationToken)"/>. It is closed afterwards.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, until the successor has the listener; the server continues.</param>
    /// <exception cref="InvalidDataException">The answer of the successor is malformed.</exception>
    /// <exception cref="InvalidOperationException">The server listens at both addresses of <c>localhost</c>, or this is not a Unix domain connection, or it is being read or written.</exception>
    /// <exception cref="IOException">The successor is gone. The server continues.</exception>
    /// <exception cref="ObjectDisposedException">The server or the connection is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="TimeoutException">The successor did not answer within ten seconds. The server continues.</exception>
    /// <exception cref="UnauthorizedAccessException">The successor is a process of another user.</exception>
    public async Task HandOverAsync(StreamSocket successor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(successor);
        ThrowUnlessHandsOver();
        await using (successor.ConfigureAwait(false))
        {
            await OfferAsync(successor, cancellationToken).ConfigureAwait(false);
            await CompleteHandOverAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Closes the listener here, and leaves its file to the successor.</summary>
    internal void ReleaseToSuccessor()
    {
        _transport.File?.Disown();
        Close();
    }

    private async Task<ServerSocket> BindHandOverListenerAsync(string path, CancellationToken cancellationToken)
    {
        var onlyForThisUser = new UnixListenerOptions(new StreamSocketOptions()) { FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        return new ServerSocket(_context, await _context.Engine.BindAsync(UnixEndPoints.Parse(path), onlyForThisUser, cancellationToken).ConfigureAwait(false));
    }

    private async Task<bool> TryHandOverAsync(string path, ServerSocket listener, StreamSocket successor, CancellationToken cancellationToken)
    {
        // The end of this connection tells the successor that only it accepts now, and that the hand-over path is free.
        await using (successor.ConfigureAwait(false))
        {
            try
            {
                await OfferAsync(successor, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not (ObjectDisposedException or OutOfMemoryException))
            {
                _context.Engine.Logger.HandOverFailed(path, exception);
                return false;
            }

            listener.Close();
            await CompleteHandOverAsync().ConfigureAwait(false);
            return true;
        }
    }

    // Nothing changes here before the successor has confirmed. For a moment both accept from the same queue, which loses nothing.
    private async Task OfferAsync(StreamSocket successor, CancellationToken cancellationToken)
    {
        ListenerOffer.Check(successor);
        var offer = new ListenerOffer(_transport.File?.Path, _transport.File?.DeletesOnClose ?? false);
        using var deadline = new Deadline(ListenerOffer.Timeout, _context.Engine.TimeProvider, cancellationToken);
        byte[] answer = new byte[1];
        try
        {
            await successor.SendHandlesAsync([_transport.Handle], offer.ToBytes(), deadline.Token).ConfigureAwait(false);
            using ReceivedHandles received = await successor.ReceiveHandlesAsync(answer, deadline.Token).ConfigureAwait(false);
            if (received.ByteCount == 0)
            {
                throw new EndOfStreamException("The successor closed the connection and has not accepted the listener.");
            }
        }
        catch (OperationCanceledException)
        {
            await deadline.Token.LeaveCancelAsync();
            deadline.HasPassed();
            throw new TimeoutException($"The successor did not answer within {ListenerOffer.Timeout.TotalSeconds:0} s.");
        }

        if (!answer.AsSpan().SequenceEqual(ListenerOffer.Accepted))
        {
            throw new InvalidDataException("The answer of the successor is malformed.");
        }
    }

    private async Task CompleteHandOverAsync()
    {
        _handedOver = true;
        _transport.File?.Disown();
        if (_acceptor is { } acceptor)
        {
            // The server stops waiting for a slot, and takes what is initialized. The acceptor remains for that, and is closed by the server or the user.
            _closed = true;
            _stopping.CancelInBackground(_context.Engine.Logger);
            await acceptor.HandOverAsync().ConfigureAwait(false);
            Close(keepsAccepted: true);
            return;
        }

        if (await _transport.RetireAsync().ConfigureAwait(false) is { } transport)
        {
            var pending = new StreamSocket(_context, transport, _transport);
            if (_server is { } server)
            {
                server.StartPending(pending, beyondLimit: true);
            }
            else
            {
                KeepPending(pending);
            }
        }

        Close();
    }

    // Writes first and reads the flag second. DisposeAsync does it in the other order, so that one of the two aborts the connection.
    private void KeepPending(StreamSocket pending)
    {
        Interlocked.Exchange(ref _pending, pending);
        if (_disposed)
        {
            TakePending()?.Abort();
        }
    }

    private StreamSocket? TakePending() => Volatile.Read(ref _pending) is null ? null : Interlocked.Exchange(ref _pending, null);

    private void ThrowUnlessHandsOver()
    {
        ThrowIfClosed();
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Handing over a listener needs Linux.");
        }

        if (_transport is JointListener)
        {
            throw new InvalidOperationException("A listener at both addresses of localhost cannot be handed over; bind to one of them.");
        }
    }
}
