using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice;

public sealed partial class StreamSocket
{
    /// <summary>How many descriptors one <see cref="SendHandlesAsync"/> can carry: 253 (<c>SCM_MAX_FD</c>, unix(7)).</summary>
    public const int MaxHandles = HandleTransfer.MaxHandles;

    /// <summary>Who made the connection at the other end, as the system says: of a Unix domain socket.</summary>
    /// <remarks>
    /// Read from the socket each time: <c>SO_PEERCRED</c> on Linux (unix(7)), <c>LOCAL_PEERCRED</c> and <c>LOCAL_PEERPID</c> on macOS.
    /// They are those of the process when it connected or began to listen, whatever has become of it since.
    /// </remarks>
    /// <exception cref="InvalidOperationException">This is no Unix domain socket.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="PlatformNotSupportedException">The system does not tell.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public PeerCredentials PeerCredentials
    {
        get
        {
            ThrowUnlessUnix("There are peer credentials");
            return CredentialReader.Read(_transport.Options);
        }
    }

    /// <summary>
    /// Sends bytes over a Unix domain socket, and descriptors with them (<c>SCM_RIGHTS</c>, unix(7)), after all that was written before: to
    /// whoever reads them with <see cref="ReceiveHandlesAsync"/>, or recvmsg(2). Suspends while the peer takes nothing, and completes when
    /// the kernel has taken all of it. Linux only.
    /// </summary>
    /// <param name="handles">
    /// Files, sockets, pipes, whatever has a descriptor; at most <see cref="MaxHandles"/>. They are duplicated at once and can be closed
    /// when this returns.
    /// </param>
    /// <param name="bytes">What they come with: one byte at least. Copied at once.</param>
    /// <param name="cancellationToken">Ends the wait. Bytes and descriptors stay on their way, unless it was cancelled before.</param>
    /// <exception cref="ArgumentException">There are no bytes, or too many descriptors.</exception>
    /// <exception cref="InvalidOperationException">A write is in progress, or this is no Unix domain socket.</exception>
    /// <exception cref="IOException">The peer is gone, as many descriptors are under way as may be, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, the output is shut down, or one of the handles is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="SocketException">There are no descriptors left to duplicate them.</exception>
    public async ValueTask SendHandlesAsync(
        IReadOnlyList<SafeHandle> handles, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handles);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(handles.Count, MaxHandles);
        if (bytes.IsEmpty)
        {
            throw new ArgumentException("Descriptors travel with one byte at least.", nameof(bytes));
        }

        ThrowUnlessPassesHandles();
        cancellationToken.ThrowIfCancellationRequested();
        SinkWriteChannel output;
        lock (_transport)
        {
            ThrowIfClosed();
            output = Output;
        }

        IExternalPayload message = _transport.OpenHandles(bytes.ToArray(), Duplicate(handles));
        await output.WriteAsync(message, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads what is there from a Unix domain socket, waiting until there is something, and takes the descriptors that came with it
    /// (<c>SCM_RIGHTS</c>, unix(7)); children do not inherit them. Linux only.
    /// </summary>
    /// <remarks>
    /// Descriptors come with the bytes they were sent with, and one call gives those of one message at most. Bytes that the
    /// read channel has in its buffer already are read first; a read through that channel closes the descriptors that come with what it
    /// receives. So where descriptors may come, read with this.
    /// </remarks>
    /// <param name="destination">Where to put the bytes: room for one at least.</param>
    /// <param name="cancellationToken">Ends the wait. Nothing is lost.</param>
    /// <returns>How many bytes, and the descriptors: to be disposed of, which closes those that nobody has taken.</returns>
    /// <exception cref="ArgumentException">The destination is empty.</exception>
    /// <exception cref="InvalidOperationException">A read is in progress, or this is no Unix domain socket.</exception>
    /// <exception cref="IOException">The connection failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public async ValueTask<ReceivedHandles> ReceiveHandlesAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (destination.IsEmpty)
        {
            throw new ArgumentException("Descriptors travel with one byte at least.", nameof(destination));
        }

        ThrowUnlessPassesHandles();
        SourceReadChannel input;
        lock (_transport)
        {
            ThrowIfClosed();
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
            handles.ForEach(handle => handle.Dispose());
            throw;
        }
    }

    private static SocketHandle[] Duplicate(IReadOnlyList<SafeHandle> handles)
    {
        var duplicates = new List<SocketHandle>(handles.Count);
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
        ThrowUnlessUnix("Descriptors are passed");
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Passing descriptors needs Linux.");
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
