using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>
/// Creates listeners, connections and datagram sockets of the Unix domain (unix(7)): by path, or on Linux by an abstract name, which begins with a NUL
/// character and has no file. Immutable: <see cref="Configure"/> returns a new builder.
/// </summary>
public sealed partial class UnixSocketBuilder
{
    private readonly SelectorManager _selector;
    private readonly StreamSocketOptions _options;

    internal UnixSocketBuilder(SelectorManager selector)
        : this(selector, new StreamSocketOptions())
    {
    }

    private UnixSocketBuilder(SelectorManager selector, StreamSocketOptions options)
    {
        _selector = selector;
        _options = options;
    }

    /// <summary>
    /// Returns a builder with changed options of connections, both those that it makes and those that its listeners accept. Options of TCP and IP are ignored.
    /// </summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>A new builder; this one does not change.</returns>
    public UnixSocketBuilder Configure(Action<StreamSocketOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);

        // A copy, because the callback may have kept a reference to the options.
        return new UnixSocketBuilder(_selector, new StreamSocketOptions(OptionsFor(configure)));
    }

    /// <summary>
    /// Listens at a path. The stale socket file of an ended server is replaced; any other file is kept.
    /// </summary>
    /// <param name="path">
    /// The path, or an abstract name with a NUL character in front: at most 107 bytes of UTF-8 on Linux and Windows, 103 on macOS, and 108
    /// for an abstract name, the NUL counted.
    /// </param>
    /// <param name="configure">Changes the options of the listener and of accepted connections.</param>
    /// <param name="cancellationToken">Ends the wait for other processes that replace a socket file in the same folder.</param>
    /// <returns>The listener, ready to accept.</returns>
    /// <exception cref="ArgumentException">The path is empty, too long, or contains a NUL elsewhere.</exception>
    /// <exception cref="SocketException">The bind failed: <see cref="SocketError.AddressAlreadyInUse"/> if a live server or something
    /// that is not a socket is there, <see cref="SocketError.AddressNotAvailable"/> if there is no such folder,
    /// <see cref="SocketError.AccessDenied"/> if the folder is not writable.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no Unix domain sockets, abstract names, or file modes.</exception>
    public ValueTask<ServerSocket> BindAsync(string path, Action<UnixListenerOptions>? configure = null, CancellationToken cancellationToken = default) =>
        BindCoreAsync(UnixEndPoints.Parse(path), configure, cancellationToken);

    /// <summary>Listens at an end point; see <see cref="BindAsync(string, Action{UnixListenerOptions}?, CancellationToken)"/>.</summary>
    /// <param name="endPoint">The end point.</param>
    /// <param name="configure">Changes the options of the listener and of accepted connections.</param>
    /// <param name="cancellationToken">Ends the wait for other processes that replace a socket file in the same folder.</param>
    /// <returns>The listener, ready to accept.</returns>
    /// <inheritdoc cref="BindAsync(string, Action{UnixListenerOptions}?, CancellationToken)" path="/*[self::remarks or self::exception]"/>
    public ValueTask<ServerSocket> BindAsync(
        UnixDomainSocketEndPoint endPoint, Action<UnixListenerOptions>? configure = null, CancellationToken cancellationToken = default) =>
        BindCoreAsync(UnixEndPoints.Check(endPoint), configure, cancellationToken);

    /// <summary>
    /// Connects to a path. Suspends while the server's backlog is full, for at most <see cref="StreamSocketOptions.ConnectTimeout"/>.
    /// </summary>
    /// <param name="path">The path, or an abstract name with a NUL character in front.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="ArgumentException">The path is empty, too long, or contains a NUL elsewhere.</exception>
    /// <exception cref="SocketException">No server listens: <see cref="SocketError.AddressNotAvailable"/> if there is no such file,
    /// <see cref="SocketError.ConnectionRefused"/> if there is one. Or <see cref="SocketError.AccessDenied"/> if the file is not writable.</exception>
    /// <exception cref="TimeoutException">The server's backlog was full for <see cref="StreamSocketOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no Unix domain sockets, or no abstract names.</exception>
    public ValueTask<StreamSocket> ConnectAsync(string path, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        ConnectCoreAsync(UnixEndPoints.Parse(path), configure, cancellationToken);

    /// <summary>Connects to an end point; see <see cref="ConnectAsync(string, Action{StreamSocketOptions}?, CancellationToken)"/>.</summary>
    /// <param name="endPoint">The end point.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connection.</returns>
    /// <inheritdoc cref="ConnectAsync(string, Action{StreamSocketOptions}?, CancellationToken)" path="/*[self::remarks or self::exception]"/>
    public ValueTask<StreamSocket> ConnectAsync(
        UnixDomainSocketEndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        ConnectCoreAsync(UnixEndPoints.Check(endPoint), configure, cancellationToken);

    /// <summary>
    /// Creates two sockets that are connected to each other and have no name (socketpair(2); on systems without it, through a listener in a folder that only this
    /// user can enter).
    /// </summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The two sockets.</returns>
    /// <exception cref="SocketException">The system refuses, for instance because there are no free descriptors.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no Unix domain sockets.</exception>
    public async ValueTask<(StreamSocket First, StreamSocket Second)> CreatePairAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string? openedAt = _selector.Context.CaptureOpenStack();
        return _selector.Sockets.TryCreatePair(_options) is { } pair
            ? (new StreamSocket(_selector.Context, pair.First).HandOut(openedAt), new StreamSocket(_selector.Context, pair.Second).HandOut(openedAt))
            : await CreatePairByListenerAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async ValueTask<(StreamSocket First, StreamSocket Second)> CreatePairByListenerAsync(CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sluice");
        try
        {
            ServerSocket listener = await BindAsync(Path.Combine(folder.FullName, "s"), null, cancellationToken).ConfigureAwait(false);
            await using (listener.ConfigureAwait(false))
            {
                StreamSocket first = await ConnectCoreAsync((UnixDomainSocketEndPoint)listener.LocalEndPoint, null, cancellationToken).ConfigureAwait(false);
                try
                {
                    return (first, await listener.AcceptAsync(cancellationToken).ConfigureAwait(false));
                }
                catch
                {
                    first.Abort();
                    throw;
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async ValueTask<ServerSocket> BindCoreAsync(
        UnixDomainSocketEndPoint endPoint, Action<UnixListenerOptions>? configure, CancellationToken cancellationToken)
    {
        string? openedAt = _selector.Context.CaptureOpenStack();
        var options = new UnixListenerOptions(_options);
        configure?.Invoke(options);
        ListenerTransport transport = await _selector.Sockets.BindAsync(endPoint, options, cancellationToken).ConfigureAwait(false);
        return new ServerSocket(_selector.Context, transport, proxyProtocol: null, options.Tls).HandOut(openedAt);
    }

    private async ValueTask<StreamSocket> ConnectCoreAsync(
        UnixDomainSocketEndPoint endPoint, Action<StreamSocketOptions>? configure, CancellationToken cancellationToken)
    {
        StreamSocketOptions options = OptionsFor(configure);
        SocketEngine engine = _selector.Sockets;
        long started = engine.TimeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var socket = new StreamSocket(_selector.Context, await engine.ConnectAsync(endPoint, options, cancellationToken).ConfigureAwait(false));
                return socket.HandOut(options.OpenedAt);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
            {
                // The kernel does not signal when the backlog has room again.
                if (options.ConnectTimeout != Timeout.InfiniteTimeSpan && engine.TimeProvider.GetElapsedTime(started) >= options.ConnectTimeout)
                {
                    throw SocketErrors.ConnectTimedOut(endPoint, options.ConnectTimeout);
                }
            }

            // The timeout is by the clock that was given, which may stand still; the backlog gets room all the same.
            await CancellableWaits.DelayAsync(backoff.Next(), engine.KernelTime, cancellationToken).ConfigureAwait(false);
        }
    }

    private StreamSocketOptions OptionsFor(Action<StreamSocketOptions>? configure)
    {
        var options = new StreamSocketOptions(_options) { OpenedAt = _selector.Context.CaptureOpenStack() };
        configure?.Invoke(options);
        return options;
    }
}
