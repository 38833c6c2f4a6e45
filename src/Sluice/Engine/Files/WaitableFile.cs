using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Interop;
using Sluice.Scheduling;

namespace Sluice.Engine.Files;

/// <summary>
/// A file whose reads may wait for another process without a limit: a FIFO, a terminal, a device. Neither opening nor reading it blocks a thread.
/// Linux and macOS.
/// </summary>
internal sealed class WaitableFile : IDisposable
{
    private const int NotPermitted = 1;
    private const int NoSuchFile = 2;
    private const int AccessDenied = 13;
    private const int DarwinAgain = 35;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle _file;
    private readonly string _path;

    private WaitableFile(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>Opens a file. Reads of a FIFO that has no writer yet wait for one.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The system refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static WaitableFile Open(string path)
    {
        int flags = OperatingSystem.IsMacOS()
            ? LinuxConstants.DarwinOpenNonBlock | LinuxConstants.DarwinOpenCloExec | LinuxConstants.DarwinOpenNoTerminal
            : LinuxConstants.OpenNonBlock | LinuxConstants.OpenCloExec | LinuxConstants.OpenNoTerminal;
        int fd = Libc.OpenFile(path, flags);
        return fd >= 0 ? new WaitableFile(new SafeFileHandle(fd, ownsHandle: true), path) : throw Failure(Errno.Last(), "Opening", path);
    }

    /// <summary>
    /// Reads the bytes that are available; false if there are none yet. With true, 0 bytes are the end: that of a FIFO comes when the last of its
    /// writers has closed it.
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public unsafe bool TryRead(Span<byte> buffer, out int read)
    {
        read = 0;

        // No lease: this object owns the file, and its one user disposes of it after its last call.
        int fd = (int)_file.DangerousGetHandle();

        // poll(2) first: read(2) returns 0 both for a FIFO that has had no writer yet and for one whose writers have closed it (fifo(7)).
        // SAFETY: the entry is on this method's own stack, and the buffer is pinned for the read.
        var entry = new Libc.PollEntry { Descriptor = fd, Events = LinuxConstants.PollIn };
        if (Libc.PollEvents(&entry, 1, 0) <= 0)
        {
            return false;
        }

        fixed (byte* start = buffer)
        {
            nint count = Libc.Read(fd, start, (nuint)buffer.Length);
            read = (int)count;
            return count >= 0 || (IsTransient(Errno.Last()) ? false : throw Failure(Errno.Last(), "Reading", _path));
        }
    }

    /// <summary>Waits until <see cref="TryRead"/> succeeds. Tries again after pauses of at most 50 ms, in which no thread waits.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(s_firstPause, s_longestPause);
        int read;
        while (!TryRead(buffer.Span, out read))
        {
            await CancellableWaits.DelayAsync(backoff.Next(), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return read;
    }

    public void Dispose() => _file.Dispose();

    private static bool IsTransient(int errno) => errno == Errno.Interrupted || errno == (OperatingSystem.IsMacOS() ? DarwinAgain : Errno.Again);

    private static Exception Failure(int errno, string doing, string path)
    {
        string message = $"{doing} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}";
        return errno switch
        {
            NotPermitted or AccessDenied => new UnauthorizedAccessException(message),
            NoSuchFile => new FileNotFoundException(message, path),
            _ => new IOException(message),
        };
    }
}
