using System.Runtime.CompilerServices;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;

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
