using System.Buffers;

namespace Sluice.Channels.Writing;

/// <summary>Writes to a stream, and flushes it.</summary>
internal sealed class StreamSink(Stream stream) : TaskSink
{
    public override string ClosedName => typeof(ByteWriteChannel).FullName!;

    // The writer has to hear about every failure of a user's stream.
    public override bool HasLostReader(IOException failure) => false;

    public override bool CallsUserCode => true;

    // The stream belongs to its owner, who closes it.
    public override void ShutdownOutput()
    {
    }

    public override void AbortOutput(Exception cause)
    {
    }

    protected override async Task SendAsync(ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            await stream.WriteAsync(segment, CancellationToken.None).ConfigureAwait(false);
        }

        await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
