using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <summary>
    /// The largest number of bytes that
    /// <see cref="WritePrefixedAsync{TState}(LengthPrefix, int, TState, Func{Span{byte}, TState, int}, CancellationToken)"/> makes room for: 65,520.
    /// </summary>
    public const int MaxPrefixedRoom = HighWaterMark - 16;

    /// <summary>Writes a length and that many bytes.</summary>
    /// <inheritdoc cref="WritePrefixedAsync(LengthPrefix, ReadOnlySequence{byte}, CancellationToken)"/>
    public ValueTask WritePrefixedAsync(LengthPrefix prefix, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        WritePrefixedAsync(prefix, new ReadOnlySequence<byte>(bytes), cancellationToken);

    /// <summary>Writes a length and that many bytes. Waits only while the buffer is full.</summary>
    /// <param name="prefix">The format of the length.</param>
    /// <param name="bytes">The bytes. They are copied, or sent, before the write completes.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for room in the buffer. A write of up to <see cref="HighWaterMark"/> bytes has then written nothing, a larger one perhaps
    /// its beginning.
    /// </param>
    /// <exception cref="ArgumentException">The length does not fit into the prefix.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WritePrefixedAsync(LengthPrefix prefix, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        Span<byte> head = stackalloc byte[prefix.LongestSize];
        return WritePartsAsync(head[..prefix.Write(bytes.Length, head)], bytes, tail: default, cancellationToken);
    }

    /// <summary>
    /// Writes a length and bytes whose number is known only once they are written. They are written straight into the channel's buffer. Waits only
    /// while the buffer is full.
    /// </summary>
    /// <typeparam name="TState">The type of the argument of <paramref name="write"/>.</typeparam>
    /// <param name="prefix">The format of the length.</param>
    /// <param name="maxLength">The largest number of bytes, without the length itself: at most <see cref="MaxPrefixedRoom"/>.</param>
    /// <param name="state">The argument of <paramref name="write"/>.</param>
    /// <param name="write">
    /// Writes the bytes to the beginning of the span, which is part of the buffer and has room for <paramref name="maxLength"/>, and returns their
    /// number. It is called once there is room. If it throws, nothing is written.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="ArgumentException">The length does not fit into the prefix.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is negative or too large.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress, or <paramref name="write"/> returned a number larger than the room.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing was written.</exception>
    public ValueTask WritePrefixedAsync<TState>(
        LengthPrefix prefix, int maxLength, TState state, Func<Span<byte>, TState, int> write, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, MaxPrefixedRoom);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        BeginWrite();
        bool pending = false;
        try
        {
            if (_queue.TryLease(prefix.LongestSize + maxLength, out Memory<byte> memory))
            {
                Fill(memory.Span, prefix, maxLength, state, write);
                return ValueTask.CompletedTask;
            }

            pending = true;
            return WritePrefixedSlowAsync(prefix, maxLength, state, write, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                EndWrite();
            }
        }
    }

    /// <summary>Writes a length and a text of that many bytes in UTF-8.</summary>
    /// <inheritdoc cref="WritePrefixedStringAsync(LengthPrefix, string, Encoding, CancellationToken)"/>
    public ValueTask WritePrefixedStringAsync(LengthPrefix prefix, string text, CancellationToken cancellationToken = default) =>
        WritePrefixedStringAsync(prefix, text, Encoding.UTF8, cancellationToken);

    /// <summary>Writes a length and a text of that many bytes. Waits only while the buffer is full.</summary>
    /// <param name="prefix">The format of the length, which counts bytes.</param>
    /// <param name="text">The text.</param>
    /// <param name="encoding">The encoding. No preamble is written.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for room in the buffer. A write of up to <see cref="HighWaterMark"/> bytes has then written nothing, a larger one perhaps
    /// its beginning.
    /// </param>
    /// <exception cref="ArgumentException">The length does not fit into the prefix.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WritePrefixedStringAsync(
        LengthPrefix prefix, string text, Encoding encoding, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(encoding);
        int size = encoding.GetByteCount(text);
        return size <= MaxPrefixedRoom
            ? WritePrefixedAsync(prefix, size, (text, encoding), static (room, it) => it.encoding.GetBytes(it.text, room), cancellationToken)
            : WritePrefixedAsync(prefix, encoding.GetBytes(text), cancellationToken);
    }

    private void Fill<TState>(Span<byte> room, LengthPrefix prefix, int maxLength, TState state, Func<Span<byte>, TState, int> write)
    {
        int written = 0;
        try
        {
            // Room for the longest prefix there can be. Only a variable one can be shorter, and then the bytes move up.
            int reserved = prefix.GetSize(maxLength);
            int length = write(room.Slice(reserved, maxLength), state);
            if ((uint)length > (uint)maxLength)
            {
                throw new InvalidOperationException($"The callback returned {length} bytes, but it was given room for {maxLength}.");
            }

            int size = prefix.GetSize(length);
            if (size != reserved)
            {
                room.Slice(reserved, length).CopyTo(room[size..]);
            }

            prefix.Write(length, room);
            written = size + length;
        }
        finally
        {
            _queue.Commit(written, AutoFlush);
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask WritePrefixedSlowAsync<TState>(
        LengthPrefix prefix, int maxLength, TState state, Func<Span<byte>, TState, int> write, CancellationToken cancellationToken)
    {
        try
        {
            Memory<byte> memory;
            int size = prefix.LongestSize + maxLength;
            while (!_queue.TryLease(size, out memory))
            {
                await WaitForRoomAsync(size, cancellationToken).ConfigureAwait(false);
            }

            Fill(memory.Span, prefix, maxLength, state, write);
        }
        finally
        {
            EndWrite();
        }
    }
}
