using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Framing;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <summary>Writes a frame of bytes.</summary>
    /// <inheritdoc cref="WriteFrameAsync{TFrame}(IFrameEncoder{TFrame}, TFrame, CancellationToken)"/>
    public ValueTask WriteFrameAsync(
        IFrameEncoder<ReadOnlySequence<byte>> encoder, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken = default) =>
        WriteFrameAsync(encoder, new ReadOnlySequence<byte>(frame), cancellationToken);

    /// <summary>Writes a frame. Waits only while the buffer is full.</summary>
    /// <typeparam name="TFrame">The type of a frame.</typeparam>
    /// <param name="encoder">Turns the frame into bytes that the other side can delimit: an encoder of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for room in the buffer. A write of up to <see cref="HighWaterMark"/> bytes has then written nothing, a larger one perhaps
    /// its beginning.
    /// </param>
    /// <exception cref="ArgumentException">The encoder cannot encode the frame. Nothing was written.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WriteFrameAsync<TFrame>(IFrameEncoder<TFrame> encoder, TFrame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (encoder is EnvelopeEncoder envelope && frame is ReadOnlySequence<byte> body)
        {
            Span<byte> head = stackalloc byte[EnvelopeEncoder.LongestHead];
            return WritePartsAsync(head[..envelope.WriteHead(body, head)], body, envelope.Tail, cancellationToken);
        }

        if (encoder is HeadedFrameEncoder headed && frame is HeadedFrame parts)
        {
            Span<byte> head = stackalloc byte[FrameHeader.MaxSize];
            return WritePartsAsync(head[..headed.WriteHead(parts, head)], parts.Body, tail: default, cancellationToken);
        }

        // Encoded before the write begins: an encoder that writes to this channel would find a write in progress.
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

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
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
