using System.Runtime.CompilerServices;
using Sluice.Channels.Framing;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>Reads frames until the end of the stream.</summary>
    /// <typeparam name="TFrame">
    /// What a frame becomes. One that shows the buffer, as <see cref="System.Buffers.ReadOnlySequence{T}"/> does, is valid until the next
    /// is asked for, or the connection is disposed of.
    /// </typeparam>
    /// <param name="decoder">How frames are told apart: one of <see cref="FrameDecoder"/>, or your own.</param>
    /// <param name="cancellationToken">Ends the wait. Part of a frame that has come stays for the next read.</param>
    /// <returns>
    /// The frames, each read when it is asked for, and as reads fail. Besides, <see cref="LimitExceededException"/> for a frame that is too
    /// long, and <see cref="EndOfStreamException"/> for one that is not complete at the end. Nothing of it was consumed.
    /// </returns>
    public IAsyncEnumerable<TFrame> ReadFramesAsync<TFrame>(IFrameDecoder<TFrame> decoder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);

        // Lines have an operation of their own, which knows of a CR whose LF has not come yet.
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
