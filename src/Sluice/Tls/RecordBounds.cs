using System.Buffers.Binary;

namespace Sluice.Tls;

/// <summary>Tracks where records begin and end in a stream of bytes.</summary>
internal sealed class RecordBounds
{
    /// <summary>The length of a header: type, version, and the length of the body (RFC 8446, 5.1).</summary>
    public const int HeaderLength = 5;

    /// <summary>The maximum number of content bytes of a record (RFC 8446, 5.1).</summary>
    public const int MaxContent = 16 * 1024;

    // RFC 5246, 6.2.3, which allows more than RFC 8446, 5.2.
    private const int MaxBody = MaxContent + 2048;

    private readonly byte[] _header = new byte[HeaderLength];
    private int _headerCount;
    private int _bodyLeft;

    /// <summary>Whether the bytes were not a record, so that the start of the next one is unknown.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Gets whether the next byte is the first of a record.</summary>
    public bool IsBetween => !IsLost && _headerCount == 0 && _bodyLeft == 0;

    /// <summary>Gets the number of bytes that are missing from the current header or body. Not defined between records.</summary>
    public int Left => IsLost ? int.MaxValue : _headerCount > 0 ? HeaderLength - _headerCount : _bodyLeft;

    /// <summary>Gets the length of the record with this header, header included; 0 if the bytes are not a header.</summary>
    public static int Measure(ReadOnlySpan<byte> header)
    {
        int body = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        bool isRecord = header[0] is >= 20 and <= 24 && header[1] == 3 && body <= MaxBody;
        return isRecord ? HeaderLength + body : 0;
    }

    /// <summary>Advances over bytes, which must belong to one record unless <see cref="IsLost"/>.</summary>
    public void Advance(ReadOnlySpan<byte> bytes)
    {
        if (_bodyLeft > 0)
        {
            _bodyLeft -= bytes.Length;
            return;
        }

        int count = Math.Min(bytes.Length, HeaderLength - _headerCount);
        bytes[..count].CopyTo(_header.AsSpan(_headerCount));
        _headerCount += count;
        if (_headerCount == HeaderLength)
        {
            _headerCount = 0;
            int length = Measure(_header);
            IsLost |= length == 0;
            _bodyLeft = IsLost ? 0 : length - HeaderLength - (bytes.Length - count);
        }
    }
}
