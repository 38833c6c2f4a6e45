using System.Buffers;
using System.Buffers.Binary;

using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>Represents the format of a length before the bytes that it counts. Immutable: one object serves every connection.</summary>
public sealed class LengthPrefix
{
    /// <summary>Creates a prefix of a fixed size, an unsigned integer.</summary>
    /// <param name="size">The number of bytes of the prefix: 1 to 8.</param>
    /// <param name="order">The byte order.</param>
    /// <param name="includesItself">Whether the length includes the prefix.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not 1 to 8, or the byte order is not defined.</exception>
    public LengthPrefix(int size, ByteOrder order = ByteOrder.BigEndian, bool includesItself = false)
        : this(order, includesItself)
    {
        if (size is < 1 or > 8)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "A prefix has 1 to 8 bytes.");
        }

        if (order is not (ByteOrder.BigEndian or ByteOrder.LittleEndian))
        {
            throw new ArgumentOutOfRangeException(nameof(order));
        }

        Size = size;
    }

    private LengthPrefix(ByteOrder order, bool includesItself)
    {
        Order = order;
        IncludesItself = includesItself;
    }

    /// <summary>Gets a prefix that is an unsigned LEB128 integer, which does not count itself.</summary>
    public static LengthPrefix VarInt { get; } = new(ByteOrder.LittleEndian, includesItself: false);

    /// <summary>Gets the number of bytes of the prefix; 0 for <see cref="VarInt"/>, where it varies.</summary>
    public int Size { get; }

    /// <summary>Gets the byte order.</summary>
    public ByteOrder Order { get; }

    /// <summary>Gets a value indicating whether the length includes the prefix.</summary>
    public bool IncludesItself { get; }

    /// <summary>The largest number of bytes that the prefix can have.</summary>
    internal int LongestSize => Size == 0 ? Channels.Buffers.VarInt.LongestLength : Size;

    /// <summary>Gets the number of bytes of the prefix before <paramref name="length"/> bytes.</summary>
    internal int GetSize(long length) => Size == 0 ? Channels.Buffers.VarInt.GetLength((ulong)length) : Size;

    /// <summary>Writes the prefix.</summary>
    /// <param name="length">The number of bytes behind the prefix.</param>
    /// <param name="destination">Room for <see cref="GetSize"/> bytes.</param>
    /// <returns>The number of bytes of the prefix.</returns>
    /// <exception cref="ArgumentException">The length does not fit into the prefix.</exception>
    internal int Write(long length, Span<byte> destination)
    {
        if (Size == 0)
        {
            return Channels.Buffers.VarInt.Encode((ulong)length, destination);
        }

        ulong value = (ulong)length + (IncludesItself ? (ulong)Size : 0);
        if (Size < 8 && value >> (8 * Size) != 0)
        {
            throw new ArgumentException($"A length of {length} bytes does not fit into a prefix of {Size}.");
        }

        Span<byte> eight = stackalloc byte[8];
        if (Order == ByteOrder.LittleEndian)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(eight, value);
            eight[..Size].CopyTo(destination);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(eight, value);
            eight[(8 - Size)..].CopyTo(destination);
        }

        return Size;
    }

    /// <summary>Reads the prefix; false if it is incomplete.</summary>
    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="length">The number of bytes behind the prefix.</param>
    /// <param name="size">The number of bytes of the prefix.</param>
    /// <exception cref="InvalidDataException">The prefix is not a valid length.</exception>
    internal bool TryRead(in ReadOnlySequence<byte> bytes, out ulong length, out int size)
    {
        if (Size == 0)
        {
            return Channels.Buffers.VarInt.TryDecode(bytes, 64, signed: false, out length, out size);
        }

        size = Size;
        length = 0;
        if (bytes.Length < Size)
        {
            return false;
        }

        length = ReadFixed(bytes);
        if (IncludesItself)
        {
            length = length >= (ulong)Size
                ? length - (ulong)Size
                : throw MalformedData.Exception($"The length is {length}, less than the {Size} bytes of the prefix, which it includes.");
        }

        return true;
    }

    private ulong ReadFixed(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> eight = stackalloc byte[8];
        eight.Clear();
        if (Order == ByteOrder.LittleEndian)
        {
            bytes.Slice(0, Size).CopyTo(eight);
            return BinaryPrimitives.ReadUInt64LittleEndian(eight);
        }

        bytes.Slice(0, Size).CopyTo(eight[(8 - Size)..]);
        return BinaryPrimitives.ReadUInt64BigEndian(eight);
    }
}
