using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Channels.Writing;

/// <summary>Writes to a pipe, and flushes it.</summary>
internal sealed class PipeSink(PipeWriter writer) : TaskSink
{
    // Written by the sender, read anywhere.
    private volatile bool _readerCompleted;

    public override string ClosedName => typeof(ByteWriteChannel).FullName!;

    public override bool HasLostReader(IOException failure) => _readerCompleted;

    public override bool CallsUserCode => true;

    public override void ShutdownOutput() => writer.Complete();

    public override void AbortOutput(Exception cause) => writer.Complete(cause);

    protected override async Task SendAsync(ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            writer.Write(segment.Span);
        }

        FlushResult flushed = await writer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        if (flushed.IsCompleted)
        {
            _readerCompleted = true;
            throw new IOException("The reader of the pipe has completed.");
        }
    }
}
