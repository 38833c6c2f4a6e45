using System.Buffers;
using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>
/// Represents the layout of a header before each frame, somewhere in which the length of the frame stands. Immutable: one object serves every
/// connection.
/// </summary>
/// <example>
/// <code>
/// new FrameHeader(size: 9, lengthOffset: 0, lengthSize: 3)                                 // HTTP/2, RFC 9113, 4.1
/// new FrameHeader(size: 5, lengthOffset: 3, lengthSize: 2)                                 // TLS records, RFC 8446, 5.1
/// new FrameHeader(size: 4, lengthOffset: 0, lengthSize: 3, ByteOrder.LittleEndian)         // MySQL
/// new FrameHeader(size: 5, lengthOffset: 1, lengthSize: 4, countedFrom: 1)                 // PostgreSQL
/// new FrameHeader(size: 19, lengthOffset: 16, lengthSize: 2, countedFrom: 0)               // BGP, RFC 4271, 4.1
/// FrameHeader.WithVarInt(lengthOffset: 1, maxLengthSize: 4)                                // MQTT
/// </code>
/// </example>
public sealed class FrameHeader
{
    /// <summary>The largest number of bytes of a header: 256.</summary>
    public const int MaxSize = 256;

    private readonly LengthPrefix _length;
    private readonly int _maxLengthSize;

    /// <summary>Creates a header of a fixed size.</summary>
    /// <param name="size">The number of bytes of the header, at most <see cref="MaxSize"/>.</param>
    /// <param name="lengthOffset">The position of the length in the header.</param>
    /// <param name="lengthSize">The number of bytes of the length, an unsigned integer: 1 to 8.</param>
    /// <param name="order">The byte order of the length.</param>
    /// <param name="countedFrom">
    /// The position in the header from which on the length counts: 0 if it includes the whole header; null, or <paramref name="size"/>, if it is the
    /// length of the body alone.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The size is not positive or too large, the length does not lie within the header, <paramref name="lengthSize"/> is not 1 to 8,
    /// <paramref name="countedFrom"/> does not lie within the header, or the byte order is not defined.
    /// </exception>
    public FrameHeader(int size, int lengthOffset, int lengthSize, ByteOrder order = ByteOrder.BigEndian, int? countedFrom = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
        _length = new LengthPrefix(lengthSize, order);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthOffset, size - lengthSize);
        CountedFrom = countedFrom ?? size;
        ArgumentOutOfRangeException.ThrowIfNegative(CountedFrom, nameof(countedFrom));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CountedFrom, size, nameof(countedFrom));
        Size = size;
        LengthOffset = lengthOffset;
        _maxLengthSize = lengthSize;
    }

    private FrameHeader(int lengthOffset, int maxLengthSize)
    {
        _length = LengthPrefix.VarInt;
        LengthOffset = lengthOffset;
        _maxLengthSize = maxLengthSize;
    }

    /// <summary>
    /// Creates a header that ends with an unsigned LEB128 integer, the length of the body alone: the <i>remaining length</i> of MQTT (MQTT 5.0,
    /// 2.1.4) is one of at most 4 bytes.
    /// </summary>
    /// <param name="lengthOffset">The number of bytes before the length, less than <see cref="MaxSize"/> - 10.</param>
    /// <param name="maxLengthSize">The largest number of bytes of the length: 1 to 10.</param>
    /// <returns>The header.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative or too large, or the size is not 1 to 10.</exception>
    public static FrameHeader WithVarInt(int lengthOffset, int maxLengthSize = Channels.Buffers.VarInt.LongestLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(lengthOffset, MaxSize - Channels.Buffers.VarInt.LongestLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxLengthSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLengthSize, Channels.Buffers.VarInt.LongestLength);
        return new FrameHeader(lengthOffset, maxLengthSize);
    }

    /// <summary>Gets the number of bytes of the header; 0 for one with a length of variable size.</summary>
    public int Size { get; }

    /// <summary>Gets the position of the length in the header.</summary>
    public int LengthOffset { get; }

    /// <summary>Gets the position from which on the length counts; 0 for a header with a length of variable size, which counts the body alone.</summary>
    public int CountedFrom { get; }

    /// <summary>The largest number of bytes that the header can have.</summary>
    internal int LongestSize => Size > 0 ? Size : LengthOffset + _maxLengthSize;

    /// <summary>The number of bytes of the header that its writer provides.</summary>
    internal int GivenSize => Size > 0 ? Size : LengthOffset;

    private int Counted => Size - CountedFrom;

    /// <summary>Reads the header; false if it is incomplete.</summary>
    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="length">The number of bytes of the body.</param>
    /// <param name="size">The number of bytes of the header.</param>
    /// <exception cref="InvalidDataException">The length is not valid.</exception>
    internal bool TryRead(in ReadOnlySequence<byte> bytes, out ulong length, out int size)
    {
        length = 0;
        size = Size;
        if (bytes.Length < Math.Max(Size, LengthOffset + 1))
        {
            return false;
        }

        ReadOnlySequence<byte> rest = bytes.Slice(LengthOffset);
        if (Size == 0)
        {
            return TryReadVarInt(rest, out length, out size);
        }

        _length.TryRead(rest, out length, out _);
        length = length >= (ulong)Counted
            ? length - (ulong)Counted
            : throw MalformedData.Exception($"The length is {length}, less than the {Counted} bytes of the header, which it includes.");
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="given">The bytes of the header, with room for the length: <see cref="GivenSize"/> bytes.</param>
    /// <param name="length">The number of bytes of the body.</param>
    /// <param name="destination">Room for <see cref="LongestSize"/> bytes.</param>
    /// <returns>The number of bytes of the header.</returns>
    /// <exception cref="ArgumentException">The header does not have its size, or the length does not fit.</exception>
    internal int Write(in ReadOnlySequence<byte> given, long length, Span<byte> destination)
    {
        if (given.Length != GivenSize)
        {
            throw new ArgumentException(Size > 0
                ? $"The header has {given.Length} bytes instead of {Size}."
                : $"The header has {given.Length} bytes before the length instead of {LengthOffset}.");
        }

        given.CopyTo(destination);
        int needed = _length.GetSize(length);
        if (needed > _maxLengthSize)
        {
            throw new ArgumentException($"A length of {length} bytes does not fit into {_maxLengthSize} bytes.");
        }

        int written = _length.Write(length + Counted, destination[LengthOffset..]);
        return Size > 0 ? Size : LengthOffset + written;
    }

    private bool TryReadVarInt(ReadOnlySequence<byte> rest, out ulong length, out int size)
    {
        bool read = _length.TryRead(rest.Slice(0, Math.Min(rest.Length, _maxLengthSize)), out length, out int lengthSize);
        size = LengthOffset + lengthSize;
        return read || rest.Length < _maxLengthSize
            ? read
            : throw MalformedData.Exception($"The length has more than {_maxLengthSize} bytes.");
    }
}
