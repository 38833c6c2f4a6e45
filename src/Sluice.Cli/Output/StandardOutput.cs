using System.Runtime.InteropServices;

namespace Sluice.Cli.Output;

/// <summary>
/// Represents the standard output or the standard error output. The streams of the framework take the error of a pipe that has no reader for a success
/// (dotnet/runtime, ConsolePal.Unix.cs), so that a command before <c>head</c> would run on.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;
    private const short PollOut = 4;

    // The same on Linux and macOS, but for EAGAIN.
    private const int Interrupted = 4;
    private const int BadDescriptor = 9;
    private const int BrokenPipe = 32;
    private static readonly int s_again = OperatingSystem.IsLinux() ? 11 : 35;

    private readonly int _descriptor;
    private readonly bool _ignoresErrors;

    private StandardOutput(int descriptor, bool ignoresErrors) => (_descriptor, _ignoresErrors) = (StandardStreams.IsMissing(descriptor) ? -1 : descriptor, ignoresErrors);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the standard output. A write throws an <see cref="OutputException"/> also when nothing reads it any more.</summary>
    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutput(OutputDescriptor, ignoresErrors: false);

    /// <summary>
    /// Makes <see cref="Console.Out"/> fail when nothing reads it any more, and <see cref="Console.Error"/> never: a message that cannot be written must not
    /// end a server. Terminals keep the writers of the framework.
    /// </summary>
    public static void Install()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (StandardStreams.IsMissing(OutputDescriptor) || Console.IsOutputRedirected)
        {
            Console.SetOut(new StreamWriter(Open()) { AutoFlush = true });
        }

        if (StandardStreams.IsMissing(ErrorDescriptor) || Console.IsErrorRedirected)
        {
            Console.SetError(new StreamWriter(new StandardOutput(ErrorDescriptor, ignoresErrors: true)) { AutoFlush = true });
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written = WriteOnce(buffer);
            if (written < 0)
            {
                // A failed write of an output whose errors are ignored loses the rest.
                return;
            }

            buffer = buffer[(int)written..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // A pipe that is full blocks, and must not block an event loop.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => Write(buffer.Span), cancellationToken));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // There is no buffer.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private nint WriteOnce(ReadOnlySpan<byte> buffer)
    {
        nint written = Write(_descriptor, buffer, buffer.Length);
        int error = written < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (written >= 0 || error == Interrupted)
        {
            return Math.Max(written, 0);
        }

        if (error == s_again)
        {
            // Another process has made the pipe or the terminal non-blocking.
            var wanted = new PollDescriptor { Descriptor = _descriptor, Events = PollOut };
            _ = Poll(ref wanted, 1, Timeout.Infinite);
            return 0;
        }

        return _ignoresErrors ? -1
            : throw new OutputException(
                $"Writing to the standard output: {(error == BadDescriptor ? "it is closed" : Marshal.GetPInvokeErrorMessage(error))}", hasNoReader: error == BrokenPipe);
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
