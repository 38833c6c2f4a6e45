using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Framing;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    /// <summary>Writes a frame of bytes.</summary>
    /// <inheritdoc cref="WriteFrameAsync{TFrame}(IFrameEncoder{TFrame}, TFrame, CancellationToken)"/>
    public ValueTask WriteFrameAsync(
        IFrameEncoder<ReadOnlySequence<byte>> encoder, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken = default) =>
        WriteFrameAsync(encoder, new ReadOnlySequence<byte>(frame), cancellationToken);

    /// <summary>Writes a frame. Suspends only while the buffer is full.</summary>
    /// <typeparam name="TFrame">What a frame is made of.</typeparam>
    /// <param name="encoder">How it becomes bytes that the other side can tell apart: one of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for room. Up to <see cref="HighWaterMark"/> bytes, nothing was written then; of more, perhaps the beginning.
    /// </param>
    /// <exception cref="ArgumentException">The encoder cannot encode such a frame. Nothing was written.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask WriteFrameAsync<TFrame>(IFrameEncoder<TFrame> encoder, TFrame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (encoder is EnvelopeEncoder envelope && frame is ReadOnlySequence<byte> body)
        {
            Span<byte> head = stackalloc byte[EnvelopeEncoder.LongestHead];
            return WritePartsAsync(head[..envelope.WriteHead(body, head)], body, envelope.Tail, cancellationToken);
        }

        // A write within the write would find this one in progress, so it is encoded before.
        FrameBuffer buffer = FrameBuffer.Rent();
        bool pending = false;
        try
        {
            encoder.Encode(frame, buffer);
            ValueTask write = WriteAsync(buffer.Written, cancellationToken);
            pending = !write.IsCompletedSuccessfully;
            return pending ? ReturnWhenDoneAsync(write, buffer) : ValueTask.CompletedTask;
        }
        finally
        {
            if (!pending)
            {
                buffer.Return();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReturnWhenDoneAsync(ValueTask write, FrameBuffer buffer)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        finally
        {
            buffer.Return();
        }
    }
}
