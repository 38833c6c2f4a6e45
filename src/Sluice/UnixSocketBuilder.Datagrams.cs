using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Unix;

namespace Sluice;

public sealed partial class UnixSocketBuilder
{
    /// <summary>
    /// Makes a datagram socket that receives from everybody, at a path. Datagrams come whole, in order, and none is lost: whoever sends to
    /// one that is full waits. A socket file of a process that is gone is replaced; one of a live one is left alone, and so is whatever is no
    /// socket.
    /// </summary>
    /// <param name="path">
    /// The path, or an abstract name with a NUL character in front: at most 107 bytes of UTF-8 on Linux, 103 on macOS, and 108 for an
    /// abstract name, the NUL counted.
    /// </param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for others that replace a file in the same folder just now.</param>
    /// <returns>The socket, bound.</returns>
    /// <exception cref="ArgumentException">The path is empty, too long, or holds a NUL elsewhere.</exception>
    /// <exception cref="SocketException">It cannot be bound: <see cref="SocketError.AddressAlreadyInUse"/> if a live socket or something
    /// that is no socket is there, <see cref="SocketError.AddressNotAvailable"/> if there is no such folder,
    /// <see cref="SocketError.AccessDenied"/> if nothing may be made in it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such sockets (Windows), or no abstract names.</exception>
    public ValueTask<DatagramSocket> BindDatagramAsync(
        string path, Action<UnixDatagramOptions>? configure = null, CancellationToken cancellationToken = default) =>
        OpenAsync(UnixEndPoints.Parse(path), null, configure, cancellationToken);

    /// <summary>
    /// Makes a datagram socket that sends to one peer without being told where to, and receives from that one alone. The peer can answer
    /// only one that has a name of its own.
    /// </summary>
    /// <param name="path">The peer's path, or an abstract name with a NUL character in front.</param>
    /// <param name="localPath">Where to bind first, likewise. Default: null, no name.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for others that replace a file in the same folder just now.</param>
    /// <returns>The socket, connected.</returns>
    /// <exception cref="ArgumentException">A path is empty, too long, or holds a NUL elsewhere.</exception>
    /// <exception cref="SocketException">Nobody is there: <see cref="SocketError.AddressNotAvailable"/> if there is no such file,
    /// <see cref="SocketError.ConnectionRefused"/> if there is one. Or <see cref="SocketError.AccessDenied"/> if it may not be written to, or the
    /// socket's own path cannot be bound.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such sockets (Windows), or no abstract names.</exception>
    public ValueTask<DatagramSocket> ConnectDatagramAsync(
        string path, string? localPath = null, Action<UnixDatagramOptions>? configure = null, CancellationToken cancellationToken = default) =>
        OpenAsync(localPath is null ? null : UnixEndPoints.Parse(localPath), UnixEndPoints.Parse(path), configure, cancellationToken);

    /// <summary>
    /// Makes two datagram sockets that are connected to each other and have no name (socketpair(2); where there is none, by way of a folder
    /// that only this user can enter).
    /// </summary>
    /// <param name="configure">Changes the options of both.</param>
    /// <returns>The two.</returns>
    /// <exception cref="SocketException">The system refuses, for instance for want of descriptors.</exception>
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
