using Sluice.Scheduling;

namespace Sluice.Engine.Interop;

/// <summary>
/// Keeps others that go by it from changing what a folder holds, processes and threads alike. On Unix the folder itself is locked
/// (flock(2)), so that no lock file stays behind and none has to be deleted, which could not be done safely.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly IDisposable _held;

    private DirectoryLock(IDisposable held) => _held = held;

    /// <summary>Takes it; null if somebody holds it for longer than <paramref name="patience"/>, or the folder cannot be locked.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async ValueTask<DirectoryLock?> TakeAsync(string directory, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        long started = timeProvider.GetTimestamp();
        while (true)
        {
            if (TryTake(directory) is { } held)
            {
                return new DirectoryLock(held);
            }

            if (timeProvider.GetElapsedTime(started) >= patience)
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

        // Close-on-exec: a child would hold the lock for as long as it lives.
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
