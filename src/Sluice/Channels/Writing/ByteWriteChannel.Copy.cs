using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice;

// For copies from channels, files and the kernel's pipes.
public sealed partial class ByteWriteChannel
{
    /// <summary>Opens a way from <paramref name="source"/> to this channel that bypasses this process's memory; null if there is none.</summary>
    internal ISplice? OpenSplice(IByteSource source) => source.OpenSplice(_queue.Sink);

    /// <summary>Writes a payload after all that was written before, and waits until it is sent.</summary>
    /// <param name="payload">The payload. It is disposed of once it is no longer on its way.</param>
    /// <param name="cancellationToken">Cancels the wait. The payload stays on its way.</param>
    internal async ValueTask WriteAsync(IExternalPayload payload, CancellationToken cancellationToken)
    {
        bool begun = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            BeginWrite();
            begun = true;
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            await SendAsync(payload, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Release(payload);
            if (begun)
            {
                EndWrite();
            }
        }
    }

    /// <summary>
    /// Sends a payload, after <see cref="DrainAsync"/>, and waits until all of it is sent. After a cancellation its bytes stay on their way: none is
    /// lost, even if the source no longer has them.
    /// </summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask SendAsync(IExternalPayload payload, CancellationToken cancellationToken)
    {
        _queue.Append(payload);
        _queue.Send();
        LoopTurn.ConsumeBudget();
        await WaitSentAsync(_queue.Written, interruptible: false, cancellationToken).ConfigureAwait(false);
        _queue.Forget(payload.Missing);
    }

    /// <summary>Lets no message follow a copy that ended before its end, if it has written something: it would be taken for the rest.</summary>
    /// <param name="before">The number of bytes ever written when the copy began.</param>
    internal void EndMessagesIfBegun(long before)
    {
        if (_queue.Written > before)
        {
            _queue.CutMessagesOff();
        }
    }

    /// <summary>Disposes of a payload once it is no longer on its way.</summary>
    internal void Release(IExternalPayload payload) => _queue.Release(payload);

    /// <summary>Writes as many of the bytes as there is room for; throws if nothing can be written any more.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isLast">Whether the copy waits after these. Then they need not be collected with others: they are sent from where they are, if possible.</param>
    /// <returns>The number of bytes written.</returns>
    internal int TryCopy(ReadOnlySpan<byte> bytes, bool isLast)
    {
        ThrowIfUnusable();
        int count = isLast || IsLarge(bytes.Length) ? TrySendAtOnce(bytes) : 0;
        bytes = bytes[count..];
        return bytes.IsEmpty || _queue.TryAppend(bytes, AutoFlush) ? count + bytes.Length : count;
    }
}
