using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Unix;

/// <summary>
/// The file that a Unix domain socket is bound to. It replaces the file of a socket that no process has open any more, and no other file. It is
/// deleted when the socket is closed.
/// </summary>
/// <remarks>
/// Of two processes that find the same stale file, the second must not delete the file that the first has just bound. So a process takes the
/// lock of the folder before it deletes a file, and checks the file again after that. bind(2) is atomic and needs no lock.
/// </remarks>
internal sealed class UnixSocketFile
{
    private const int MaxTries = 16;
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(5);

    private readonly FileIdentity? _identity;

    // 1 while Release is to delete the file. Exchanged, by any thread.
    private int _owned;

    private UnixSocketFile(string path, bool deleteOnClose)
    {
        Path = path;
        _identity = FileIdentity.Find(path);
        _owned = deleteOnClose && _identity is not null ? 1 : 0;
    }

    /// <summary>Gets its fully qualified path.</summary>
    public string Path { get; }

    /// <summary>Whether <see cref="Release"/> deletes it.</summary>
    public bool DeletesOnClose => Volatile.Read(ref _owned) != 0;

    /// <summary>Binds a socket, and replaces a stale file if there is one.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="endPoint">The end point to bind to.</param>
    /// <param name="mode">The file's permissions; null for the ones that the umask leaves.</param>
    /// <param name="deleteOnClose">Whether <see cref="Release"/> deletes the file.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the wait for other processes that bind in the same folder.</param>
    /// <returns>The file; null for an abstract name, which has none.</returns>
    /// <exception cref="SocketException">The socket cannot be bound. <see cref="SocketError.AddressAlreadyInUse"/>: the file of that name is no stale
    /// socket.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no file permissions.</exception>
    public static async ValueTask<UnixSocketFile?> BindAsync(
        UnixSocket socket,
        UnixDomainSocketEndPoint endPoint,
        UnixFileMode? mode,
        bool deleteOnClose,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        if (mode is not null && OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The file mode of a Unix domain socket is not supported on Windows.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (UnixEndPoints.PathOf(endPoint) is not { } path)
        {
            return TryBind(socket, endPoint) ? null : throw UnixErrors.InUse(endPoint, "a live socket has this name");
        }

        Restrict(socket.Handle, mode);
        if (!TryBind(socket, endPoint))
        {
            await ReplaceAsync(socket, endPoint, path, timeProvider, cancellationToken).ConfigureAwait(false);
        }

        var file = new UnixSocketFile(path, deleteOnClose);
        try
        {
            if (mode is { } permissions && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, permissions);
            }

            return file;
        }
        catch
        {
            file.Release();
            throw;
        }
    }

    /// <summary>Takes over the file of a socket that another process has bound.</summary>
    public static UnixSocketFile TakeOver(string path, bool deleteOnClose) => new(path, deleteOnClose);

    /// <summary>
    /// Deletes the file, if <see cref="DeletesOnClose"/> and it is still the same one. To be called before the socket is closed: an open socket is
    /// not stale, so no other process replaces the file in between. Idempotent, and never throws.
    /// </summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _owned, 0) != 0 && FileIdentity.Find(Path) == _identity)
        {
            TryDelete(Path);
        }
    }

    /// <summary>Leaves the file to another owner: <see cref="Release"/> does not delete it.</summary>
    public void Disown() => Volatile.Write(ref _owned, 0);

    // On Linux bind(2) gives the file the permissions of the socket, less the umask (unix(7)). Without this, another user could send to a datagram
    // socket between bind and chmod.
    private static void Restrict(SafeHandle socket, UnixFileMode? mode)
    {
        if (mode is { } permissions && OperatingSystem.IsLinux())
        {
            using DescriptorLease lease = socket.Lease();
            _ = Libc.ChangeMode(lease.Descriptor, (uint)permissions);
        }
    }

    private static async ValueTask ReplaceAsync(
        UnixSocket socket, UnixDomainSocketEndPoint endPoint, string path, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ThrowUnlessStale(endPoint, path);
        string directory = System.IO.Path.GetDirectoryName(path)!;
        using DirectoryLock held = await DirectoryLock.TakeAsync(directory, s_lockTimeout, timeProvider, cancellationToken).ConfigureAwait(false)
            ?? throw UnixErrors.InUse(endPoint, "a socket that no process has open is there, and its folder cannot be locked to replace it");
        for (int i = 0; i < MaxTries; i++)
        {
            if (TryBind(socket, endPoint))
            {
                return;
            }

            // The lock keeps out other processes that use it. A process that does not may bind first: the next check then finds a live socket.
            if (ThrowUnlessStale(endPoint, path))
            {
                TryDelete(path);
            }
        }

        throw UnixErrors.InUse(endPoint, "a socket that no process has open is there, and cannot be deleted or comes back");
    }

    private static bool TryBind(UnixSocket socket, UnixDomainSocketEndPoint endPoint)
    {
        try
        {
            socket.Bind(endPoint);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    // False if the file has gone.
    private static bool ThrowUnlessStale(UnixDomainSocketEndPoint endPoint, string path)
    {
        FileIdentity? identity = FileIdentity.Find(path);
        if (identity is { IsSocket: true })
        {
            return !UnixSocketProbe.IsAlive(endPoint)
                || (FileIdentity.Find(path) == identity ? throw UnixErrors.InUse(endPoint, "a live socket is there") : false);
        }

        if (System.IO.Path.Exists(path))
        {
            throw UnixErrors.InUse(endPoint, identity is null ? "this system does not tell whether the file is a socket" : "the file is no socket");
        }

        return false;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file has gone, or this process may not delete it. It stays, and the next bind to that name fails with a message about it.
        }
    }
}
