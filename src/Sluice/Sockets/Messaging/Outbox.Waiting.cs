using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Framing;
using Sluice.Channels.Messages;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class Outbox
{
    /// <summary>
    /// Posts a message. Suspends only while the outbox is full: the producer then goes as fast as the peer. Calls that wait come first, in their order,
    /// before every other post, except where that drops older messages (<see cref="OutboxFullMode.DropOldest"/>) and so never waits. There is no timeout but
    /// the token's.
    /// </summary>
    /// <param name="message">The message, which is copied before this returns.</param>
    /// <param name="cancellationToken">Ends the wait. The message is not posted then.</param>
    /// <exception cref="ArgumentException">The message is larger than the outbox's capacity.</exception>
    /// <exception cref="InvalidOperationException">
    /// As many calls as <see cref="OutboxOptions.MaxWaiting"/> wait already, or the connection was upgraded to TLS.
    /// </exception>
    /// <exception cref="IOException">The peer reset the connection, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The output is completed, or the connection is closed, before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask PostAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        PostBytesAsync(message.Span, cancellationToken);

    /// <summary>Posts a message that other outboxes may share, as <see cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> does.</summary>
    /// <param name="message">The message. The caller may dispose of it once this returns.</param>
    /// <param name="cancellationToken">Ends the wait. The message is not posted then.</param>
    /// <inheritdoc cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask PostAsync(OutgoingMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfTooLarge(message.Length);
        return PostOwnedAsync(message.Share(), cancellationToken);
    }

    /// <summary>Posts an interpolated string in UTF-8, as <see cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> does.</summary>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <param name="cancellationToken">Ends the wait. The message is not posted then.</param>
    /// <inheritdoc cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask PostAsync(ref WriteInterpolatedStringHandler text, CancellationToken cancellationToken = default)
    {
        byte[] rented = text.Detach(out int count);
        try
        {
            return PostBytesAsync(rented.AsSpan(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Posts a line in UTF-8, followed by the <see cref="ByteWriteChannel.NewLine"/> of the connection's output, as
    /// <see cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> does.
    /// </summary>
    /// <param name="line">The line without its ending.</param>
    /// <param name="cancellationToken">Ends the wait. The line is not posted then.</param>
    /// <inheritdoc cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask PostLineAsync(string line, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(line);
        using var encoded = new EncodedLine(line, Connection.Output.NewLine, stackalloc byte[EncodedLine.StackSize]);
        return PostBytesAsync(encoded.Bytes, cancellationToken);
    }

    /// <summary>
    /// Posts an interpolated string, followed by the <see cref="ByteWriteChannel.NewLine"/> of the connection's output, as
    /// <see cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> does.
    /// </summary>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <param name="cancellationToken">Ends the wait. The line is not posted then.</param>
    /// <inheritdoc cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask PostLineAsync(ref WriteInterpolatedStringHandler text, CancellationToken cancellationToken = default)
    {
        text.AppendLiteral(Connection.Output.NewLine);
        return PostAsync(ref text, cancellationToken);
    }

    /// <summary>Posts a frame, as <see cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)"/> does.</summary>
    /// <typeparam name="TFrame">The type of a frame.</typeparam>
    /// <param name="encoder">Turns the frame into bytes that the other side can delimit: an encoder of <see cref="FrameEncoder"/>, or your own.</param>
    /// <param name="frame">The frame. The caller may change it once this returns.</param>
    /// <param name="cancellationToken">Ends the wait. The frame is not posted then.</param>
    /// <inheritdoc cref="PostAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask PostAsync<TFrame>(IFrameEncoder<TFrame> encoder, TFrame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        FrameBuffer buffer = FrameBuffer.Rent();
        try
        {
            encoder.Encode(frame, buffer);
            return PostBytesAsync(buffer.Written.Span, cancellationToken);
        }
        finally
        {
            buffer.Return();
        }
    }

    private ValueTask PostBytesAsync(ReadOnlySpan<byte> message, CancellationToken cancellationToken)
    {
        ThrowIfTooLarge(message.Length);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (message.Length > MessageQueue.LargestCopied)
        {
            return PostOwnedAsync(MessageBuffer.Create(message), cancellationToken);
        }

        return _output.TryPost(_messages, message) switch
        {
            PostOutcome.Queued => ValueTask.CompletedTask,
            PostOutcome.Closed => throw Connection.Output.PostRefused(),
            _ => WaitAsync(MessageBuffer.Create(message), cancellationToken),
        };
    }

    // Takes over a reference, whatever comes out.
    private ValueTask PostOwnedAsync(MessageBuffer message, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            message.Release();
            return ValueTask.FromCanceled(cancellationToken);
        }

        switch (_output.TryPost(_messages, message))
        {
            case PostOutcome.Queued:
                return ValueTask.CompletedTask;
            case PostOutcome.Closed:
                message.Release();
                throw Connection.Output.PostRefused();
            default:
                return WaitAsync(message, cancellationToken);
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask WaitAsync(MessageBuffer message, CancellationToken cancellationToken)
    {
        bool queued = false;
        try
        {
            PostOutcome outcome = _output.TryPostOrWait(_messages, message, cancellationToken, out PostWaiter? waiter);
            if (waiter is not null)
            {
                try
                {
                    outcome = await waiter.WaitAsync().ConfigureAwait(false) == PostWaiter.Outcome.Queued ? PostOutcome.Queued : PostOutcome.Closed;
                }
                finally
                {
                    _output.Recycle(_messages, waiter);
                }
            }

            queued = outcome == PostOutcome.Queued;
            if (outcome == PostOutcome.Closed)
            {
                throw Connection.Output.PostRefused();
            }

            if (outcome == PostOutcome.Full)
            {
                throw new InvalidOperationException(
                    $"{_messages.MaxWaiting} calls wait for room in this outbox already ({nameof(OutboxOptions)}.{nameof(OutboxOptions.MaxWaiting)}).");
            }
        }
        finally
        {
            if (!queued)
            {
                message.Release();
            }
        }
    }
}
