using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Cli.Output;

/// <summary>One direction of an inherited file, pipe or terminal. Reads and writes begin where those of the other processes that have it have ended.</summary>
/// <param name="handle">The descriptor. It is closed with the stream if the handle owns it.</param>
/// <param name="name">What errors call it.</param>
/// <param name="access">The direction.</param>
internal sealed class DescriptorStream(SafeFileHandle handle, string name, FileAccess access) : Stream
{
    // A reader that is only slow still takes what was written to it before the end.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    // They are not disposed of: a read or a write may just begin.
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _abandoning = new();

    public override bool CanRead => access == FileAccess.Read;

    public override bool CanSeek => false;

    public override bool CanWrite => access == FileAccess.Write;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            nint count = DescriptorCalls.Read((int)handle.DangerousGetHandle(), buffer, out int error);
            return count >= 0 ? (int)count : throw Failure("Reading from", error);
        }
        finally
        {
            Release(held);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            while (!buffer.IsEmpty)
            {
                nint count = DescriptorCalls.Write((int)handle.DangerousGetHandle(), buffer, out int error);
                buffer = count >= 0 ? buffer[(int)count..] : throw Failure("Writing to", error);
            }
        }
        finally
        {
            Release(held);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // A read of a pipe cannot be cancelled, so neither the caller nor the close waits for it.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        return await Task.Run(() => Read(buffer.Span), CancellationToken.None).WaitAsync(ending.Token);
    }

    // Nor can a write, to a pipe that is full.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _abandoning.Token);
        await Task.Run(() => Write(buffer.Span), CancellationToken.None).WaitAsync(ending.Token);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // There is no buffer.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closing.Cancel();
            _abandoning.CancelAfter(s_patience);
            handle.Dispose();
        }

        base.Dispose(disposing);
    }

    private IOException Failure(string doing, int error) => new($"{doing} {name}: {Marshal.GetPInvokeErrorMessage(error)}");

    private void Release(bool held)
    {
        if (held)
        {
            handle.DangerousRelease();
        }
    }
}
