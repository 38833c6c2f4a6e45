using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    /// <summary>
    /// How many bytes <see cref="WritePrefixedAsync{TState}(LengthPrefix, int, TState, Func{Span{byte}, TState, int}, CancellationToken)"/>
    /// can make room for: 65,520.
    /// </summary>
    public const int MaxPrefixedRoom = HighWaterMark - 16;

    /// <summary>Writes a length, and so many bytes.</summary>
    /// <inheritdoc cref="WritePrefixedAsync(LengthPrefix, ReadOnlySequence{byte}, CancellationToken)"/>
    public ValueTask WritePrefixedAsync(LengthPrefix prefix, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        WritePrefixedAsync(prefix, new ReadOnlySequence<byte>(bytes), cancellationToken);

    /// <summary>Writes a length, and so many bytes. Suspends only while the buffer is full.</summary>
    /// <param name="prefix">How the length is written.</param>
    /// <param name="bytes">The bytes. They are copied, or sent, before the write completes.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for room. Up to <see cref="HighWaterMark"/> bytes, nothing was written then; of more, perhaps the beginning.
    /// </param>
    /// <exception cref="ArgumentException">The prefix has no room for such a length.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask WritePrefixedAsync(LengthPrefix prefix, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        Span<byte> head = stackalloc byte[prefix.LongestSize];
        return WritePartsAsync(head[..prefix.Write(bytes.Length, head)], bytes, tail: default, cancellationToken);
    }

    /// <summary>
    /// Writes what is only known to be so long once it is written, and its length before it: nothing is put together elsewhere first.
    /// Suspends only while the buffer is full.
    /// </summary>
    /// <typeparam name="TState">What <paramref name="write"/> needs.</typeparam>
    /// <param name="prefix">How the length is written.</param>
    /// <param name="maxLength">How many bytes there may be, the length itself not counted: at most <see cref="MaxPrefixedRoom"/>.</param>
    /// <param name="state">What <paramref name="write"/> is given.</param>
    /// <param name="write">
    /// Writes the bytes to the beginning of the span, which is the buffer and has room for <paramref name="maxLength"/>, and returns how many
    /// there are. It is called once there is room. If it throws, nothing was written.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="ArgumentException">The prefix has no room for such a length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is negative or too large.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress, or more bytes were returned than there was room for.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. Nothing was written.</exception>
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

        Begin();
        bool pending = false;
        try
        {
            ThrowIfUnusable();
            if (TryLease(prefix.LongestSize + maxLength, out Memory<byte> memory))
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
                End();
            }
        }
    }

    /// <summary>Writes a length, and a text of so many bytes in UTF-8.</summary>
    /// <inheritdoc cref="WritePrefixedStringAsync(LengthPrefix, string, Encoding, CancellationToken)"/>
    public ValueTask WritePrefixedStringAsync(LengthPrefix prefix, string text, CancellationToken cancellationToken = default) =>
        WritePrefixedStringAsync(prefix, text, Encoding.UTF8, cancellationToken);

    /// <summary>Writes a length, and a text of so many bytes. Suspends only while the buffer is full.</summary>
    /// <param name="prefix">How the length is written. It counts bytes.</param>
    /// <param name="text">The text.</param>
    /// <param name="encoding">How it becomes bytes. No preamble is written.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for room. Up to <see cref="HighWaterMark"/> bytes, nothing was written then; of more, perhaps the beginning.
    /// </param>
    /// <exception cref="ArgumentException">The prefix has no room for such a length.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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
            // As long as the longest there can be; a shorter one, which only a variable one may be, lets the rest move up.
            int reserved = prefix.GetSize(maxLength);
            int length = write(room.Slice(reserved, maxLength), state);
            if ((uint)length > (uint)maxLength)
            {
                throw new InvalidOperationException($"{length} bytes are said to be written, where there is room for {maxLength}.");
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
            Advance(written, AutoFlush);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WritePrefixedSlowAsync<TState>(
        LengthPrefix prefix, int maxLength, TState state, Func<Span<byte>, TState, int> write, CancellationToken cancellationToken)
    {
        try
        {
            Memory<byte> memory;
            int size = prefix.LongestSize + maxLength;
            while (!TryLease(size, out memory))
            {
                await WaitForRoomAsync(size, cancellationToken).ConfigureAwait(false);
            }

            Fill(memory.Span, prefix, maxLength, state, write);
        }
        finally
        {
            End();
        }
    }
}
