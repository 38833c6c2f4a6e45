using System.Runtime.CompilerServices;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Reads frames until the end of the stream.</summary>
    /// <typeparam name="TFrame">
    /// The type of a frame. A frame that is a view of the buffer, as <see cref="System.Buffers.ReadOnlySequence{T}"/> is, is valid until the
    /// next frame is requested, or the connection is disposed of.
    /// </typeparam>
    /// <param name="decoder">Finds the frames: one of <see cref="FrameDecoder"/>, or your own.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes received of a frame stay for the next read.</param>
    /// <returns>
    /// The frames. Each is read when it is requested, and fails as a read does; besides, with <see cref="LimitExceededException"/> if it is too
    /// long, and with <see cref="EndOfStreamException"/> if the stream ends within it. Nothing of such a frame is consumed.
    /// </returns>
    public IAsyncEnumerable<TFrame> ReadFramesAsync<TFrame>(IFrameDecoder<TFrame> decoder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);

        // The line operation can end a line at a CR whose LF has not come yet; a decoder cannot.
        return decoder is LineFrameDecoder lines
            ? (IAsyncEnumerable<TFrame>)ReadLinesAsync(lines.Options, cancellationToken)
            : ReadFramesCoreAsync(decoder, cancellationToken);
    }

    /// <summary>Reads one frame. Completes at once if it is already received, else waits for it.</summary>
    /// <typeparam name="TFrame">
    /// The type of a frame. A frame that is a view of the buffer, as <see cref="System.Buffers.ReadOnlySequence{T}"/> is, is valid until the next
    /// read, or the connection is disposed of.
    /// </typeparam>
    /// <param name="decoder">Finds the frame: one of <see cref="FrameDecoder"/>, or your own. It may be another than that of the read before.</param>
    /// <param name="cancellationToken">Cancels the wait. The bytes received of the frame stay for the next read.</param>
    /// <returns>The frame.</returns>
    /// <exception cref="EndOfStreamException">The stream ended before the frame, or within it. Nothing of it is consumed.</exception>
    /// <exception cref="InvalidDataException">The bytes are no frame. Nothing is consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="LimitExceededException">The frame is too long. Nothing of it is consumed.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask<TFrame> ReadFrameAsync<TFrame>(IFrameDecoder<TFrame> decoder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return decoder is LineFrameDecoder lines
            ? ReadLineOrFailAsync<TFrame>(lines.Options, cancellationToken)
            : RunAsync<SingleFrameOperation<TFrame>, TFrame>(new SingleFrameOperation<TFrame>(decoder), cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<TFrame> ReadLineOrFailAsync<TFrame>(LineReadOptions options, CancellationToken cancellationToken) =>
        (TFrame)(object)(await ReadLineAsync(options, cancellationToken).ConfigureAwait(false)
            ?? throw Failures.From(PeerName, Failures.Unfinished("frame", 0)));

    private async IAsyncEnumerable<TFrame> ReadFramesCoreAsync<TFrame>(
        IFrameDecoder<TFrame> decoder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var operation = new FrameOperation<TFrame>(decoder);
            (bool found, TFrame frame) = await RunAsync<FrameOperation<TFrame>, (bool, TFrame)>(operation, cancellationToken).ConfigureAwait(false);
            if (!found)
            {
                yield break;
            }

            yield return frame;
        }
    }
}
