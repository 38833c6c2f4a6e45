using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Gets or sets the byte order of numbers for calls that name none. Default: <see cref="ByteOrder.BigEndian"/>.</summary>
    public ByteOrder ByteOrder
    {
        get;
        set => field = value is ByteOrder.BigEndian or ByteOrder.LittleEndian ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Reads a byte.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The byte.</returns>
    /// <exception cref="EndOfStreamException">The stream ended first. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte> ReadByteAsync(CancellationToken cancellationToken = default) =>
        RunAsync<NumberOperation<byte>, byte>(default, cancellationToken);

    /// <summary>Reads a signed byte.</summary>
    /// <inheritdoc cref="ReadByteAsync(CancellationToken)"/>
    public ValueTask<sbyte> ReadSByteAsync(CancellationToken cancellationToken = default) =>
        RunAsync<NumberOperation<sbyte>, sbyte>(default, cancellationToken);

    /// <summary>Reads a byte as a Boolean value: 0 is false, every other byte is true.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The value.</returns>
    /// <exception cref="EndOfStreamException">The stream ended first. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> ReadBooleanAsync(CancellationToken cancellationToken = default) =>
        RunAsync<BooleanOperation, bool>(default, cancellationToken);

    /// <summary>Reads a signed 16-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number.</returns>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came. Nothing was
    /// consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<short> ReadInt16Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<short>(ByteOrder, cancellationToken);

    /// <summary>Reads a signed 16-bit integer in the given order.</summary>
    /// <param name="order">The byte order.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number.</returns>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came. Nothing was
    /// consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<short> ReadInt16Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<short>(order, cancellationToken);

    /// <summary>Reads an unsigned 16-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<ushort> ReadUInt16Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<ushort>(ByteOrder, cancellationToken);

    /// <summary>Reads an unsigned 16-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<ushort> ReadUInt16Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<ushort>(order, cancellationToken);

    /// <summary>Reads a signed 32-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<int> ReadInt32Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<int>(ByteOrder, cancellationToken);

    /// <summary>Reads a signed 32-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<int> ReadInt32Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<int>(order, cancellationToken);

    /// <summary>Reads an unsigned 32-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<uint> ReadUInt32Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<uint>(ByteOrder, cancellationToken);

    /// <summary>Reads an unsigned 32-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<uint> ReadUInt32Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<uint>(order, cancellationToken);

    /// <summary>Reads a signed 64-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<long> ReadInt64Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<long>(ByteOrder, cancellationToken);

    /// <summary>Reads a signed 64-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<long> ReadInt64Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<long>(order, cancellationToken);

    /// <summary>Reads an unsigned 64-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<ulong> ReadUInt64Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<ulong>(ByteOrder, cancellationToken);

    /// <summary>Reads an unsigned 64-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<ulong> ReadUInt64Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<ulong>(order, cancellationToken);

    /// <summary>Reads a signed 128-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<Int128> ReadInt128Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<Int128>(ByteOrder, cancellationToken);

    /// <summary>Reads a signed 128-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<Int128> ReadInt128Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<Int128>(order, cancellationToken);

    /// <summary>Reads an unsigned 128-bit integer in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<UInt128> ReadUInt128Async(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<UInt128>(ByteOrder, cancellationToken);

    /// <summary>Reads an unsigned 128-bit integer in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<UInt128> ReadUInt128Async(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<UInt128>(order, cancellationToken);

    /// <summary>Reads a 16-bit floating-point number in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<Half> ReadHalfAsync(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<Half>(ByteOrder, cancellationToken);

    /// <summary>Reads a 16-bit floating-point number in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<Half> ReadHalfAsync(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<Half>(order, cancellationToken);

    /// <summary>Reads a 32-bit floating-point number in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<float> ReadSingleAsync(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<float>(ByteOrder, cancellationToken);

    /// <summary>Reads a 32-bit floating-point number in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<float> ReadSingleAsync(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<float>(order, cancellationToken);

    /// <summary>Reads a 64-bit floating-point number in the order of <see cref="ByteOrder"/>.</summary>
    /// <inheritdoc cref="ReadInt16Async(CancellationToken)"/>
    public ValueTask<double> ReadDoubleAsync(CancellationToken cancellationToken = default) =>
        ReadNumberAsync<double>(ByteOrder, cancellationToken);

    /// <summary>Reads a 64-bit floating-point number in the given order.</summary>
    /// <inheritdoc cref="ReadInt16Async(ByteOrder, CancellationToken)"/>
    public ValueTask<double> ReadDoubleAsync(ByteOrder order, CancellationToken cancellationToken = default) =>
        ReadNumberAsync<double>(order, cancellationToken);

    /// <summary>
    /// Reads a LEB128 integer: seven bits a byte, the least significant first. For a signed <typeparamref name="T"/>, bit 6 of the last byte is
    /// the sign.
    /// </summary>
    /// <typeparam name="T">An integer of at most 64 bits.</typeparam>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The integer.</returns>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> has more than 64 bits.</exception>
    /// <exception cref="InvalidDataException">The integer does not fit into <typeparamref name="T"/>. Nothing was consumed.</exception>
    /// <exception cref="EndOfStreamException">The stream ended within the integer, or before it. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<T> ReadVarIntAsync<T>(CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryInteger<T>
    {
        VarIntOperation<T>.ThrowIfTooWide();
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        Begin();
        if (VarInt.IsSingle(_queue.FirstBytes) && TryConsumeContiguous(1, out ReadOnlySpan<byte> bytes))
        {
            T number = VarInt.DecodeSingle<T>(bytes[0]);
            End();
            return new ValueTask<T>(number);
        }

        return RunBegunAsync<VarIntOperation<T>, T>(default, cancellationToken);
    }

    private ValueTask<T> ReadNumberAsync<T>(ByteOrder order, CancellationToken cancellationToken)
        where T : unmanaged
    {
        bool reverse = order.IsExternal();
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        Begin();
        if (TryConsumeContiguous(Unsafe.SizeOf<T>(), out ReadOnlySpan<byte> bytes))
        {
            T number = MemoryMarshal.Read<T>(bytes);
            End();
            return new ValueTask<T>(reverse ? ByteOrderExtensions.Reverse(number) : number);
        }

        return RunBegunAsync<NumberOperation<T>, T>(new NumberOperation<T>(reverse), cancellationToken);
    }
}
