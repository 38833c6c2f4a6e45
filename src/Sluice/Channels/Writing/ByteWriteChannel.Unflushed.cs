using Sluice.Channels.Writing;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <inheritdoc cref="SendQueue.TryAppendUnflushed"/>
    internal bool TryAppendUnflushed(ReadOnlySpan<byte> bytes, out bool needsFlush) => _queue.TryAppendUnflushed(bytes, out needsFlush);

    /// <inheritdoc cref="SendQueue.FlushAppended"/>
    internal void FlushAppended(bool soon) => _queue.FlushAppended(soon);
}
