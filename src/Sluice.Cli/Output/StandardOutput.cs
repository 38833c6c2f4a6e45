using System.Runtime.InteropServices;

namespace Sluice.Cli.Output;

/// <summary>
/// Represents the standard output or the standard error output. The streams of the framework take the error of a pipe that has no reader for a success
/// (dotnet/runtime, ConsolePal.Unix.cs), so that a command before <c>head</c> would run on.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;

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
    /// end a server. Terminals keep the streams of the framework. Both write lines as <see cref="LineWriter"/> does.
    /// </summary>
    public static void Install()
    {
        if (OperatingSystem.IsWindows())
        {
            TextWriter output = Console.Out;
            Console.SetOut(new LineWriter(() => output));
        }
        else
        {
            bool isFile = StandardStreams.IsMissing(OutputDescriptor) || Console.IsOutputRedirected;
            Console.SetOut(new LineWriter(() => isFile ? new StreamWriter(Open()) { AutoFlush = true } : OpenTerminal()));
        }

        bool isErrorFile = !OperatingSystem.IsWindows() && (StandardStreams.IsMissing(ErrorDescriptor) || Console.IsErrorRedirected);
        TextWriter errors = isErrorFile ? new StreamWriter(new StandardOutput(ErrorDescriptor, ignoresErrors: true)) { AutoFlush = true } : Console.Error;
        Console.SetError(new LineWriter(() => errors));
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

    // As Console.Out would be, which cannot be asked for without an effect on the terminal.
    private static StreamWriter OpenTerminal() => new(Console.OpenStandardOutput(), Console.OutputEncoding) { AutoFlush = true };

    private nint WriteOnce(ReadOnlySpan<byte> buffer)
    {
        nint written = DescriptorCalls.Write(_descriptor, buffer, out int error);
        return written >= 0 || _ignoresErrors ? written
            : throw new OutputException(
                $"Writing to the standard output: {(error == DescriptorCalls.BadDescriptor ? "it is closed" : Marshal.GetPInvokeErrorMessage(error))}",
                hasNoReader: error == DescriptorCalls.BrokenPipe);
    }
}
