using Sluice.Scheduling;

namespace Sluice.Engine.Interop;

/// <summary>
/// An advisory lock on a folder, between processes and between threads. On Unix it is on the folder itself (flock(2)): a lock file could not be
/// deleted without a race with the next holder. On Windows it is a file that the system deletes when it is closed.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly IDisposable _held;

    private DirectoryLock(IDisposable held) => _held = held;

    /// <summary>Takes the lock; null if it is held for longer than <paramref name="timeout"/>, or the folder cannot be locked.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async ValueTask<DirectoryLock?> TakeAsync(string directory, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        long started = timeProvider.GetTimestamp();
        while (true)
        {
            if (TryTake(directory) is { } held)
            {
                return new DirectoryLock(held);
            }

            if (timeProvider.GetElapsedTime(started) >= timeout)
            {
                return null;
            }

            await CancellableWaits.DelayAsync(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _held.Dispose();

    private static IDisposable? TryTake(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                string path = Path.Combine(directory, ".sluice.lock");
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        // Close-on-exec: a child process would share the lock until it ends (flock(2)).
        int fd = Libc.OpenFile(directory, OperatingSystem.IsMacOS() ? LinuxConstants.DarwinOpenCloExec : LinuxConstants.OpenCloExec);
        if (fd < 0)
        {
            return null;
        }

        var handle = new SocketHandle(fd);
        if (Libc.LockFile(fd, LinuxConstants.LockExclusive | LinuxConstants.LockNonBlock) == 0)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }
}
