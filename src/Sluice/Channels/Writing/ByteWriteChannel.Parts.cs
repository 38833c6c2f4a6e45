using System.Buffers;
using System.Runtime.CompilerServices;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    /// <summary>Writes bytes that lie in several places.</summary>
    /// <param name="bytes">The bytes. They are copied, or sent, before the write completes.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default) => bytes.IsSingleSegment
        ? WriteAsync(bytes.First, cancellationToken)
        : WritePartsAsync(head: default, bytes, tail: default, cancellationToken);

    /// <summary>Writes a few bytes, which need not stay where they are.</summary>
    private ValueTask WriteSmallAsync(ReadOnlySpan<byte> bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (TryAppendUncontended(bytes, ref _state))
        {
            return ValueTask.CompletedTask;
        }

        Begin();
        bool pending = false;
        try
        {
            ThrowIfUnusable();
            if (TryAppend(bytes, AutoFlush))
            {
                return ValueTask.CompletedTask;
            }

            byte[] rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
            bytes.CopyTo(rented);
            pending = true;
            return WriteSlowAsync(rented.AsMemory(0, bytes.Length), rented, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                End();
            }
        }
    }

    /// <summary>Writes what a body is wrapped in, and the body: if there can be room for all of it, all or nothing.</summary>
    /// <param name="head">A few bytes, which need not stay where they are.</param>
    /// <param name="body">The body.</param>
    /// <param name="tail">What comes behind it.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    private ValueTask WritePartsAsync(
        ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Begin();
        bool pending = false;
        try
        {
            ThrowIfUnusable();
            if (head.Length + body.Length + tail.Length <= HighWaterMark - UnsentBytes)
            {
                AppendParts(head, body, tail.Span);
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
                End();
            }
        }
    }

    /// <summary>Appends all of the parts, or none if the pool throws. There is room: the writer alone adds to the buffer.</summary>
    private protected abstract void AppendParts(ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlySpan<byte> tail);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WritePartsSlowAsync(
        byte[] rented, int headLength, ReadOnlySequence<byte> body, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        try
        {
            long whole = headLength + body.Length + tail.Length;
            if (whole <= HighWaterMark)
            {
                await WaitForRoomAsync((int)whole, cancellationToken).ConfigureAwait(false);
                AppendParts(rented.AsSpan(0, headLength), body, tail.Span);
                return;
            }

            await AppendAsync(rented.AsMemory(0, headLength), cancellationToken).ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> segment in body)
            {
                await AppendAsync(segment, cancellationToken).ConfigureAwait(false);
            }

            await AppendAsync(tail, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            End();
        }
    }
}
