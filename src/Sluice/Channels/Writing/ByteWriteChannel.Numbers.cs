using System.Numerics;
using System.Runtime.InteropServices;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <summary>Gets or sets the byte order of numbers where the call does not give one. Default: <see cref="ByteOrder.BigEndian"/>.</summary>
    public ByteOrder ByteOrder
    {
        get;
        set => field = value is ByteOrder.BigEndian or ByteOrder.LittleEndian ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Writes a byte. Waits only while the buffer is full.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing was written.</exception>
    public ValueTask WriteByteAsync(byte value, CancellationToken cancellationToken = default) =>
        WriteSmallAsync(new ReadOnlySpan<byte>(in value), cancellationToken);

    /// <summary>Writes a signed byte. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteByteAsync(byte, CancellationToken)"/>
    public ValueTask WriteSByteAsync(sbyte value, CancellationToken cancellationToken = default) => WriteByteAsync((byte)value, cancellationToken);

    /// <summary>Writes a Boolean as a byte: 0 for false, 1 for true. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteByteAsync(byte, CancellationToken)"/>
    public ValueTask WriteBooleanAsync(bool value, CancellationToken cancellationToken = default) =>
        WriteByteAsync(value ? (byte)1 : (byte)0, cancellationToken);

    /// <summary>Writes a signed 16-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <param name="value">The number.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing was written.</exception>
    public ValueTask WriteInt16Async(short value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a signed 16-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <param name="value">The number.</param>
    /// <param name="order">The byte order.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The byte order is not defined.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing was written.</exception>
    public ValueTask WriteInt16Async(short value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes an unsigned 16-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteUInt16Async(ushort value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes an unsigned 16-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteUInt16Async(ushort value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes a signed 32-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteInt32Async(int value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a signed 32-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteInt32Async(int value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes an unsigned 32-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteUInt32Async(uint value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes an unsigned 32-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteUInt32Async(uint value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes a signed 64-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteInt64Async(long value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a signed 64-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteInt64Async(long value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes an unsigned 64-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteUInt64Async(ulong value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes an unsigned 64-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteUInt64Async(ulong value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes a signed 128-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteInt128Async(Int128 value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a signed 128-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteInt128Async(Int128 value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes an unsigned 128-bit integer in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteUInt128Async(UInt128 value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes an unsigned 128-bit integer in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteUInt128Async(UInt128 value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes a 16-bit floating-point number in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteHalfAsync(Half value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a 16-bit floating-point number in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteHalfAsync(Half value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes a 32-bit floating-point number in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteSingleAsync(float value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a 32-bit floating-point number in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteSingleAsync(float value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>Writes a 64-bit floating-point number in the byte order of <see cref="ByteOrder"/>. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, CancellationToken)"/>
    public ValueTask WriteDoubleAsync(double value, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, ByteOrder, cancellationToken);

    /// <summary>Writes a 64-bit floating-point number in the given byte order. Waits only while the buffer is full.</summary>
    /// <inheritdoc cref="WriteInt16Async(short, ByteOrder, CancellationToken)"/>
    public ValueTask WriteDoubleAsync(double value, ByteOrder order, CancellationToken cancellationToken = default) =>
        WriteNumberAsync(value, order, cancellationToken);

    /// <summary>
    /// Writes a LEB128 integer: seven bits a byte, the least significant first, in as few bytes as it needs. For a signed
    /// <typeparamref name="T"/>, bit 6 of the last byte is the sign. Waits only while the buffer is full.
    /// </summary>
    /// <typeparam name="T">An integer of at most 64 bits.</typeparam>
    /// <param name="value">The integer.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> has more than 64 bits.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing was written.</exception>
    public ValueTask WriteVarIntAsync<T>(T value, CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryInteger<T>
    {
        VarIntOperation<T>.ThrowIfTooWide();
        Span<byte> bytes = stackalloc byte[VarInt.LongestLength];
        int count = VarInt.IsSigned<T>()
            ? VarInt.Encode(long.CreateTruncating(value), bytes)
            : VarInt.Encode(ulong.CreateTruncating(value), bytes);
        return WriteSmallAsync(bytes[..count], cancellationToken);
    }

    private ValueTask WriteNumberAsync<T>(T value, ByteOrder order, CancellationToken cancellationToken)
        where T : unmanaged
    {
        if (order.IsExternal())
        {
            value = ByteOrderExtensions.Reverse(value);
        }

        return WriteSmallAsync(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), cancellationToken);
    }
}
