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
    // A connection that was accepted while the listener was handed over, for the next call that accepts.
    private StreamSocket? _pending;

    // Written once, by the call that hands over; read by the server's accept loop and its drain.
    private volatile bool _handedOver;

    /// <summary>Whether a successor has it: what was accepted here already is served here.</summary>
    internal bool IsHandedOver => _handedOver;

    /// <summary>
    /// Waits until a successor comes to <paramref name="path"/> (<see cref="SelectorManager.TakeOverAsync(string, Action{StreamSocketOptions}?, CancellationToken)"/>),
    /// gives it the listening socket, and closes this one: the kernel's queue of connections is the same, so none is refused and none is
    /// lost, and connections that were accepted go on here. <see cref="ServeAsync"/> ends as after a cancellation. Linux only.
    /// </summary>
    /// <remarks>
    /// A successor that does not take it, within ten seconds, changes nothing: the next one is waited for. Only processes of the same
    /// user, or of root, get it. The file of a Unix domain socket goes over to the successor, too.
    /// </remarks>
    /// <param name="path">Where the successor comes to: a Unix domain socket that only this user can connect to; see
    /// <see cref="UnixSocketBuilder.BindAsync(string, Action{UnixListenerOptions}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the server goes on.</param>
    /// <exception cref="ArgumentException">The path is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">The server listens at both addresses of <c>localhost</c>, reads PROXY headers or speaks TLS (<see cref="UseTls(System.Security.Cryptography.X509Certificates.X509Certificate2, TlsOptions?)"/>).</exception>
    /// <exception cref="ObjectDisposedException">The server is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="SocketException">The path cannot be bound.</exception>
    public async Task HandOverAsync(string path, CancellationToken cancellationToken = default)
    {
        ThrowUnlessHandsOver();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            ServerSocket door = await BindHandOverListenerAsync(path, end.Token).ConfigureAwait(false);
            await using (door.ConfigureAwait(false))
            {
                await foreach (StreamSocket successor in door.AcceptAllAsync(end.Token).ConfigureAwait(false))
                {
                    if (await TryHandOverAsync(path, door, successor, end.Token).ConfigureAwait(false))
                    {
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Else the server was closed in the meantime.
            await end.Token.LeaveCancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        throw _transport.Closed(TypeNames.ServerSocket);
    }

    /// <summary>
    /// Gives the listening socket to a successor that is connected already; else as
    /// <see cref="HandOverAsync(string, CancellationToken)"/>.
    /// </summary>
    /// <param name="successor">
    /// A Unix domain connection to it, on which it calls
    /// <see cref="SelectorManager.TakeOverAsync(StreamSocket, Action{StreamSocketOptions}?, CancellationToken)"/>. It is closed afterwards.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, until the successor has the listener; the server goes on.</param>
    /// <exception cref="InvalidDataException">The successor answers something else.</exception>
    /// <exception cref="InvalidOperationException">The server listens at both addresses of <c>localhost</c>, reads PROXY headers or speaks TLS (<see cref="UseTls(System.Security.Cryptography.X509Certificates.X509Certificate2, TlsOptions?)"/>); or this is no Unix domain connection, or somebody reads from it or writes to it.</exception>
    /// <exception cref="IOException">The successor is gone. The server goes on.</exception>
    /// <exception cref="ObjectDisposedException">The server or the connection is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="TimeoutException">The successor did not answer within ten seconds. The server goes on.</exception>
    /// <exception cref="UnauthorizedAccessException">The successor is a process of another user's.</exception>
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

    /// <summary>Closes it here and leaves its file to whoever has the other half.</summary>
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

    private async Task<bool> TryHandOverAsync(string path, ServerSocket door, StreamSocket successor, CancellationToken cancellationToken)
    {
        // Its end tells the successor that all is done: the listener is accepted from there alone, and the door is free for it to open.
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

            door.Close();
            await CompleteHandOverAsync().ConfigureAwait(false);
            return true;
        }
    }

    // Until the successor has said that it has the listener, nothing has changed here. Both accept for a moment, and neither loses anything.
    private async Task OfferAsync(StreamSocket successor, CancellationToken cancellationToken)
    {
        ListenerOffer.Check(successor);
        var offer = new ListenerOffer(_transport.File?.Path, _transport.File?.DeletesOnClose ?? false);
        using var deadline = new Deadline(ListenerOffer.Patience, _context.Engine.TimeProvider, cancellationToken);
        byte[] answer = new byte[1];
        try
        {
            await successor.SendHandlesAsync([_transport.Handle], offer.ToBytes(), deadline.Token).ConfigureAwait(false);
            using ReceivedHandles received = await successor.ReceiveHandlesAsync(answer, deadline.Token).ConfigureAwait(false);
            if (received.ByteCount == 0)
            {
                throw new EndOfStreamException("The successor is gone and has not taken the listener.");
            }
        }
        catch (OperationCanceledException)
        {
            await deadline.Token.LeaveCancelAsync();
            deadline.HasPassed();
            throw new TimeoutException($"The successor did not answer within {ListenerOffer.Patience.TotalSeconds:0} s.");
        }

        if (!answer.AsSpan().SequenceEqual(ListenerOffer.Taken))
        {
            throw new InvalidDataException("The successor answers with something else.");
        }
    }

    private async Task CompleteHandOverAsync()
    {
        _handedOver = true;
        _transport.File?.Disown();
        if (await _transport.RetireAsync().ConfigureAwait(false) is { } transport)
        {
            var left = new StreamSocket(_context, transport, _transport);
            if (_server is { } server)
            {
                server.StartPending(left, beyondLimit: true);
            }
            else
            {
                Volatile.Write(ref _pending, left);
            }
        }

        Close();
    }

    private StreamSocket? TakePending() => Volatile.Read(ref _pending) is null ? null : Interlocked.Exchange(ref _pending, null);

    private void ThrowUnlessHandsOver()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Handing over a listener needs Linux.");
        }

        if (_transport is JointListener)
        {
            throw new InvalidOperationException("A listener at both addresses of localhost cannot be handed over: bind to one of them.");
        }

        if (_acceptor is not null)
        {
            throw new InvalidOperationException("A listener that reads PROXY headers or speaks TLS cannot be handed over: connections whose header or handshake is not done would be cut.");
        }
    }
}
