using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Unix;

/// <summary>
/// The file that a Unix domain socket is bound to, stream or datagram: takes the place of one that a dead process left, and of nothing
/// else, and goes with the socket.
/// </summary>
/// <remarks>
/// Two that find the same stale file must not both replace it, the second one the first one's. So whoever deletes one holds the lock of
/// the folder, and looks again after taking it. Binding itself is atomic and needs no lock.
/// </remarks>
internal sealed class UnixSocketFile
{
    private const int MaxTries = 16;
    private static readonly TimeSpan s_lockPatience = TimeSpan.FromSeconds(5);

    private readonly FileIdentity? _identity;
    private int _owned;

    private UnixSocketFile(string path, bool deleteOnClose)
    {
        Path = path;
        _identity = FileIdentity.Find(path);
        _owned = deleteOnClose && _identity is not null ? 1 : 0;
    }

    /// <summary>Where it is, fully qualified.</summary>
    public string Path { get; }

    /// <summary>Whether it goes with the socket.</summary>
    public bool DeletesOnClose => Volatile.Read(ref _owned) != 0;

    /// <summary>Binds a socket, in the place of one that is dead if need be.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="endPoint">Where.</param>
    /// <param name="mode">The file's permissions; null for what the umask leaves.</param>
    /// <param name="deleteOnClose">Whether <see cref="Release"/> deletes it.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the wait for others that are binding.</param>
    /// <returns>The file; null for an abstract name, which has none.</returns>
    /// <exception cref="SocketException">It cannot be bound: <see cref="SocketError.AddressAlreadyInUse"/> if something that is no dead
    /// socket is there.</exception>
    /// <exception cref="PlatformNotSupportedException">Files have no permissions here, or sockets no abstract names.</exception>
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
            return TryBind(socket, endPoint) ? null : throw InUse(endPoint, "a live socket has this name");
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

    /// <summary>One that somebody else has bound and hands over.</summary>
    public static UnixSocketFile TakeOver(string path, bool deleteOnClose) => new(path, deleteOnClose);

    /// <summary>
    /// Deletes it, if that was asked for and it is still the same. To be called before the socket is closed: until then it looks alive, and
    /// nobody replaces it. Idempotent, and never fails.
    /// </summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _owned, 0) != 0 && FileIdentity.Find(Path) == _identity)
        {
            TryDelete(Path);
        }
    }

    /// <summary>Leaves it to somebody else.</summary>
    public void Disown() => Volatile.Write(ref _owned, 0);

    // Linux makes the file with the permissions that the socket has, less the umask: so nobody gets in between bind and chmod, as could
    // happen to a datagram socket.
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
        using DirectoryLock held = await DirectoryLock.TakeAsync(directory, s_lockPatience, timeProvider, cancellationToken).ConfigureAwait(false)
            ?? throw InUse(endPoint, "a socket that nobody listens at is there, and its folder cannot be locked to replace it");
        for (int i = 0; i < MaxTries; i++)
        {
            if (TryBind(socket, endPoint))
            {
                return;
            }

            // Whoever goes by the lock is out; whoever does not may be quicker, and then the next look finds them alive.
            if (ThrowUnlessStale(endPoint, path))
            {
                TryDelete(path);
            }
        }

        throw InUse(endPoint, "a socket that nobody listens at is there, and cannot be deleted or comes back");
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

    // False if it is gone.
    private static bool ThrowUnlessStale(UnixDomainSocketEndPoint endPoint, string path)
    {
        FileIdentity? identity = FileIdentity.Find(path);
        if (identity is { IsSocket: true })
        {
            return !UnixSocketProbe.IsAlive(endPoint)
                || (FileIdentity.Find(path) == identity ? throw InUse(endPoint, "a live socket is there") : false);
        }

        if (System.IO.Path.Exists(path))
        {
            throw InUse(endPoint, identity is null ? "this system does not tell whether it is a socket" : "what is there is no socket");
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
            // Gone, or not ours to delete: it stays, and the next one who binds there is told.
        }
    }

    private static SocketException InUse(UnixDomainSocketEndPoint endPoint, string why) => new(
        (int)SocketError.AddressAlreadyInUse,
        $"Binding to {endPoint}: {new SocketException((int)SocketError.AddressAlreadyInUse).Message} ({why})");
}
