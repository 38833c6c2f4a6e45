using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <summary>Writes bytes that lie in several segments.</summary>
    /// <param name="bytes">The bytes. They are copied, or sent, before the write completes.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default) => bytes.IsSingleSegment
        ? WriteAsync(bytes.First, cancellationToken)
        : WritePartsAsync(head: default, bytes, tail: default, cancellationToken);

    /// <summary>Writes a body between a head and a tail: all or nothing, if together they fit into the buffer.</summary>
    /// <param name="head">A few bytes, which the caller may change once this returns.</param>
    /// <param name="body">The body.</param>
    /// <param name="tail">The bytes behind the body.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    private ValueTask WritePartsAsync(
        ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        BeginWrite();
        bool pending = false;
        try
        {
            if (_queue.TryAppend(head, body, tail.Span, AutoFlush))
            {
                return ValueTask.CompletedTask;
            }

            byte[] rented = ArrayPool<byte>.Shared.Rent(head.Length);
            head.CopyTo(rented);
            pending = true;
            return WritePartsSlowAsync(rented, head.Length, body, tail, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                EndWrite();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask WritePartsSlowAsync(
        byte[] rented, int headLength, ReadOnlySequence<byte> body, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        try
        {
            long whole = headLength + body.Length + tail.Length;
            if (whole <= HighWaterMark)
            {
                do
                {
                    await WaitForRoomAsync((int)whole, cancellationToken).ConfigureAwait(false);
                }
                while (!_queue.TryAppend(rented.AsSpan(0, headLength), body, tail.Span, AutoFlush));
                return;
            }

            await AppendAsync(rented.AsMemory(0, headLength), begun: false, cancellationToken).ConfigureAwait(false);
            bool begun = headLength > 0;
            foreach (ReadOnlyMemory<byte> segment in body)
            {
                await AppendAsync(segment, begun, cancellationToken).ConfigureAwait(false);
                begun |= segment.Length > 0;
            }

            await AppendAsync(tail, begun, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            EndWrite();
        }
    }
}
