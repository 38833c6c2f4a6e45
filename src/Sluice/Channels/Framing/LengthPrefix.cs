using System.Buffers;
using System.Buffers.Binary;

using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>How a length stands before what it is the length of. Immutable, so that one object serves every connection.</summary>
public sealed class LengthPrefix
{
    /// <summary>Creates a prefix of a fixed size, an unsigned integer.</summary>
    /// <param name="size">How many bytes it has: 1, 2, 4 or 8.</param>
    /// <param name="order">The order of its bytes.</param>
    /// <param name="includesItself">Whether the length counts the prefix, too.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is none of those, or the order is no order.</exception>
    public LengthPrefix(int size, ByteOrder order = ByteOrder.BigEndian, bool includesItself = false)
        : this(order, includesItself)
    {
        if (size is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "A prefix has 1, 2, 4 or 8 bytes.");
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

    /// <summary>An unsigned LEB128 integer, which does not count itself.</summary>
    public static LengthPrefix VarInt { get; } = new(ByteOrder.LittleEndian, includesItself: false);

    /// <summary>How many bytes it has; 0 for <see cref="VarInt"/>, where that varies.</summary>
    public int Size { get; }

    /// <summary>The order of its bytes.</summary>
    public ByteOrder Order { get; }

    /// <summary>Whether the length counts the prefix, too.</summary>
    public bool IncludesItself { get; }

    /// <summary>How many bytes it has at most.</summary>
    internal int LongestSize => Size == 0 ? Channels.Buffers.VarInt.LongestLength : Size;

    /// <summary>How many bytes it has before so many.</summary>
    internal int GetSize(long length) => Size == 0 ? Channels.Buffers.VarInt.GetLength((ulong)length) : Size;

    /// <summary>Writes the prefix, and returns how many bytes it has.</summary>
    /// <param name="length">How many bytes come behind it.</param>
    /// <param name="destination">Room for <see cref="GetSize"/> bytes.</param>
    /// <exception cref="ArgumentException">It has no room for such a length.</exception>
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

    /// <summary>Reads the prefix, if it is all there.</summary>
    /// <param name="bytes">What is there.</param>
    /// <param name="length">How many bytes come behind it.</param>
    /// <param name="size">How many bytes it has itself.</param>
    /// <exception cref="InvalidDataException">It is not a length.</exception>
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
