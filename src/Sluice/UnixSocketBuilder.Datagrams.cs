using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Unix;

namespace Sluice;

public sealed partial class UnixSocketBuilder
{
    /// <summary>
    /// Creates a datagram socket that is bound to a path. It receives from every sender. Datagrams arrive whole and in order, and none is lost: a sender waits
    /// while the receiver's buffer is full. The stale socket file of an ended process is replaced; any other file is kept.
    /// </summary>
    /// <param name="path">
    /// The path, or an abstract name with a NUL character in front: at most 107 bytes of UTF-8 on Linux, 103 on macOS, and 108 for an
    /// abstract name, the NUL counted.
    /// </param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for other processes that replace a socket file in the same folder.</param>
    /// <returns>The socket, bound.</returns>
    /// <exception cref="ArgumentException">The path is empty, too long, or contains a NUL elsewhere.</exception>
    /// <exception cref="SocketException">The bind failed: <see cref="SocketError.AddressAlreadyInUse"/> if a live socket or something
    /// that is not a socket is there, <see cref="SocketError.AddressNotAvailable"/> if there is no such folder,
    /// <see cref="SocketError.AccessDenied"/> if the folder is not writable.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such sockets (Windows), or no abstract names.</exception>
    public ValueTask<DatagramSocket> BindDatagramAsync(
        string path, Action<UnixDatagramOptions>? configure = null, CancellationToken cancellationToken = default) =>
        OpenAsync(UnixEndPoints.Parse(path), null, configure, cancellationToken);

    /// <summary>
    /// Creates a datagram socket that is connected to one peer: it sends to that peer without an end point, and receives only from that peer. The peer can answer
    /// only if the socket is bound to a name of its own.
    /// </summary>
    /// <param name="path">The peer's path, or an abstract name with a NUL character in front.</param>
    /// <param name="localPath">The local path or name that is bound first. Default: null, none.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for other processes that replace a socket file in the same folder.</param>
    /// <returns>The socket, connected.</returns>
    /// <exception cref="ArgumentException">A path is empty, too long, or contains a NUL elsewhere.</exception>
    /// <exception cref="SocketException">There is no peer: <see cref="SocketError.AddressNotAvailable"/> if there is no such file,
    /// <see cref="SocketError.ConnectionRefused"/> if there is one. Or <see cref="SocketError.AccessDenied"/> if the file is not writable, or the local path
    /// cannot be bound.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such sockets (Windows), or no abstract names.</exception>
    public ValueTask<DatagramSocket> ConnectDatagramAsync(
        string path, string? localPath = null, Action<UnixDatagramOptions>? configure = null, CancellationToken cancellationToken = default) =>
        OpenAsync(localPath is null ? null : UnixEndPoints.Parse(localPath), UnixEndPoints.Parse(path), configure, cancellationToken);

    /// <summary>
    /// Creates two datagram sockets that are connected to each other and have no name (socketpair(2); on systems without it, through a folder that only this user
    /// can enter).
    /// </summary>
    /// <param name="configure">Changes the options of both sockets.</param>
    /// <returns>The two sockets.</returns>
    /// <exception cref="SocketException">The system refuses, for instance because there are no free descriptors.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such sockets (Windows).</exception>
    public (DatagramSocket First, DatagramSocket Second) CreateDatagramPair(Action<UnixDatagramOptions>? configure = null)
    {
        ThrowIfNoDatagrams();
        string? openedAt = _selector.Context.CaptureOpenStack();
        (DatagramTransport first, DatagramTransport second) = _selector.Sockets.CreateDatagramPair(DatagramOptionsFor(configure));
        return (new DatagramSocket(_selector.Context, first).HandOut(openedAt), new DatagramSocket(_selector.Context, second).HandOut(openedAt));
    }

    private static UnixDatagramOptions DatagramOptionsFor(Action<UnixDatagramOptions>? configure)
    {
        var options = new UnixDatagramOptions();
        configure?.Invoke(options);
        return options;
    }

    private static void ThrowIfNoDatagrams()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Unix domain datagram sockets are not supported on Windows.");
        }
    }

    private async ValueTask<DatagramSocket> OpenAsync(
        UnixDomainSocketEndPoint? local,
        UnixDomainSocketEndPoint? remote,
        Action<UnixDatagramOptions>? configure,
        CancellationToken cancellationToken)
    {
        ThrowIfNoDatagrams();
        string? openedAt = _selector.Context.CaptureOpenStack();
        UnixDatagramOptions options = DatagramOptionsFor(configure);
        DatagramTransport transport =
            await _selector.Sockets.OpenDatagramAsync(local, remote, options, cancellationToken).ConfigureAwait(false);
        return new DatagramSocket(_selector.Context, transport).HandOut(openedAt);
    }
}
