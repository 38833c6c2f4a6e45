using System.Buffers.Binary;

namespace Sluice.Tls;

/// <summary>Where records begin and end in the bytes that pass by.</summary>
internal sealed class RecordBounds
{
    /// <summary>RFC 8446, 5.1: type, version, and the length of what follows.</summary>
    public const int HeaderLength = 5;

    /// <summary>RFC 8446, 5.1: how many bytes of content a record has at most.</summary>
    public const int MaxContent = 16 * 1024;

    // RFC 5246, 6.2.3, which allows more than RFC 8446, 5.2.
    private const int MaxBody = MaxContent + 2048;

    private readonly byte[] _header = new byte[HeaderLength];
    private int _headerCount;
    private int _bodyLeft;

    /// <summary>Whether something passed that was no record: nobody knows where the next one begins.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether the next byte is the first of a record.</summary>
    public bool IsBetween => !IsLost && _headerCount == 0 && _bodyLeft == 0;

    /// <summary>So many bytes belong to what has begun, as far as is known. Not between records.</summary>
    public int Left => IsLost ? int.MaxValue : _headerCount > 0 ? HeaderLength - _headerCount : _bodyLeft;

    /// <summary>How long the record is that begins so, its header included; 0 if that is none.</summary>
    public static int Measure(ReadOnlySpan<byte> header)
    {
        int body = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        bool isRecord = header[0] is >= 20 and <= 24 && header[1] == 3 && body <= MaxBody;
        return isRecord ? HeaderLength + body : 0;
    }

    /// <summary>These bytes pass: of one record, or more of them when <see cref="IsLost"/>.</summary>
    public void Pass(ReadOnlySpan<byte> bytes)
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
