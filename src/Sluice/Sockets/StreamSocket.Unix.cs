using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice;

public sealed partial class StreamSocket
{
    /// <summary>The number of descriptors that one <see cref="SendHandlesAsync"/> can send: 253 (<c>SCM_MAX_FD</c>, unix(7)).</summary>
    public const int MaxHandles = HandleTransfer.MaxHandles;

    /// <summary>Gets the credentials of the peer's process, as the system reports them. Unix domain sockets only.</summary>
    /// <remarks>
    /// Read from the socket each time: <c>SO_PEERCRED</c> on Linux (unix(7)), <c>LOCAL_PEERCRED</c> and <c>LOCAL_PEERPID</c> on macOS.
    /// They are those of the process when it connected or began to listen, even if it has changed or ended since.
    /// </remarks>
    /// <exception cref="InvalidOperationException">This is not a Unix domain socket.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="PlatformNotSupportedException">The system does not report them.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public PeerCredentials PeerCredentials
    {
        get
        {
            ThrowUnlessUnix("Peer credentials exist");
            return _transport.ReadPeerCredentials();
        }
    }

    /// <summary>
    /// Sends bytes over a Unix domain socket, and descriptors with them (<c>SCM_RIGHTS</c>, unix(7)), after everything that was written before. The peer
    /// receives them with <see cref="ReceiveHandlesAsync"/> or recvmsg(2). Suspends while the peer does not read, and completes when the kernel has
    /// accepted all of it. Linux only.
    /// </summary>
    /// <param name="handles">
    /// The handles of files, sockets, pipes or anything else that has a descriptor; at most <see cref="MaxHandles"/>. They are duplicated at once, and can
    /// be closed when this method returns.
    /// </param>
    /// <param name="bytes">The bytes: at least one. Copied at once.</param>
    /// <param name="cancellationToken">Ends the wait. The bytes and descriptors are still sent, unless the token was cancelled before the call.</param>
    /// <exception cref="ArgumentException">There are no bytes, or too many descriptors, or a handle is null or has no open descriptor.</exception>
    /// <exception cref="InvalidOperationException">A write is in progress, this is not a Unix domain socket, or the connection uses TLS.</exception>
    /// <exception cref="IOException">The peer is gone, too many descriptors are in flight, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, the output is shut down, or one of the handles is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="SocketException">The process has no free descriptors for the duplicates.</exception>
    public async ValueTask SendHandlesAsync(
        IReadOnlyList<SafeHandle> handles, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handles);
        if (bytes.IsEmpty)
        {
            throw new ArgumentException("Descriptors are sent with at least one byte.", nameof(bytes));
        }

        // A copy: the count of a list of the user's may differ from what it enumerates, and the kernel's message has room for no more.
        SafeHandle[] all = [.. handles];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(all.Length, MaxHandles, nameof(handles));
        if (Array.Exists(all, static handle => handle is null))
        {
            throw new ArgumentException("A handle is null.", nameof(handles));
        }

        ThrowUnlessPassesHandles();
        cancellationToken.ThrowIfCancellationRequested();
        ByteWriteChannel output;
        lock (_transport)
        {
            ThrowIfClosed();
            ThrowUnderTls();
            output = Output;
        }

        IExternalPayload message = _transport.OpenHandles(bytes.ToArray(), Duplicate(all));
        await output.WriteAsync(message, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads bytes from a Unix domain socket, and the descriptors that came with them (<c>SCM_RIGHTS</c>, unix(7)); waits until there are some. Child
    /// processes do not inherit the descriptors. Linux only.
    /// </summary>
    /// <remarks>
    /// Descriptors come with the bytes that they were sent with, and one call returns those of one message at most. Bytes in the buffer of the read channel
    /// are returned first. A read through that channel closes the descriptors that come with its bytes: so use this method wherever descriptors may come.
    /// </remarks>
    /// <param name="destination">The memory that receives the bytes: at least one.</param>
    /// <param name="cancellationToken">Ends the wait. No byte and no descriptor is lost.</param>
    /// <returns>The number of bytes, and the descriptors. A disposal closes those that were not taken.</returns>
    /// <exception cref="ArgumentException">The destination is empty.</exception>
    /// <exception cref="InvalidOperationException">A read is in progress, this is not a Unix domain socket, or the connection uses TLS.</exception>
    /// <exception cref="IOException">The connection failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public async ValueTask<ReceivedHandles> ReceiveHandlesAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (destination.IsEmpty)
        {
            throw new ArgumentException("Descriptors are sent with at least one byte.", nameof(destination));
        }

        ThrowUnlessPassesHandles();
        ByteReadChannel input;
        lock (_transport)
        {
            ThrowIfClosed();
            ThrowUnderTls();
            input = Input;
        }

        List<SocketHandle> handles = [];
        try
        {
            int count = await input.ReadPastBufferAsync(
                destination, room => _transport.TryReceive(room.Span, handles), cancellationToken).ConfigureAwait(false);
            bool lost = _transport.HandlesLost;
            _transport.HandlesLost = false;
            return new ReceivedHandles(count, [.. handles], lost);
        }
        catch
        {
            // The call had received them, and then failed: while it waited behind the LF of a line, or in the writer to which a view copies that LF.
            _transport.HandlesLost |= handles.Count > 0;
            handles.ForEach(handle => handle.Dispose());
            throw;
        }
    }

    private static SocketHandle[] Duplicate(SafeHandle[] handles)
    {
        var duplicates = new List<SocketHandle>(handles.Length);
        try
        {
            foreach (SafeHandle handle in handles)
            {
                duplicates.Add(HandleTransfer.Duplicate(handle));
            }

            return [.. duplicates];
        }
        catch
        {
            duplicates.ForEach(handle => handle.Dispose());
            throw;
        }
    }

    private void ThrowUnlessPassesHandles()
    {
        ThrowUnlessUnix("Descriptors can be passed");
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Passing descriptors needs Linux.");
        }
    }

    // Their bytes go beside the session: in plain text, and between its records.
    private void ThrowUnderTls()
    {
        if (_layer is not null)
        {
            throw new InvalidOperationException("Descriptors cannot be passed under TLS.");
        }
    }

    private void ThrowUnlessUnix(string what)
    {
        if (RemoteEndPoint.AddressFamily != AddressFamily.Unix)
        {
            throw new InvalidOperationException($"{what} with Unix domain sockets only.");
        }
    }
}
