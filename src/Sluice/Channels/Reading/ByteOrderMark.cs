using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>Represents U+FEFF in an encoding, which some programs write at the start of a text to mark its encoding.</summary>
internal sealed class ByteOrderMark
{
    private const string Mark = "\uFEFF";
    private readonly byte[] _bytes;

    private ByteOrderMark(byte[] bytes) => _bytes = bytes;

    /// <summary>Gets a mark that matches nothing.</summary>
    public static ByteOrderMark None { get; } = new([]);

    /// <summary>Gets the number of bytes; 0 if the encoding cannot express the mark.</summary>
    public int Length => _bytes.Length;

    /// <summary>Gets the mark of an encoding; <see cref="None"/> if the encoding cannot express it.</summary>
    public static ByteOrderMark Of(Encoding encoding)
    {
        try
        {
            // An encoding that cannot express the character replaces it, or throws.
            byte[] bytes = encoding.GetBytes(Mark);
            return encoding.GetString(bytes) == Mark ? new ByteOrderMark(bytes) : None;
        }
        catch (EncoderFallbackException)
        {
            return None;
        }
    }

    /// <summary>Returns the length of the mark if a text starts with it, and 0 if not.</summary>
    /// <param name="bytes">The bytes that have come of the text.</param>
    /// <param name="isOpen">Whether they are a proper prefix of the mark.</param>
    public int Measure(in ReadOnlySequence<byte> bytes, out bool isOpen)
    {
        int count = (int)Math.Min(bytes.Length, _bytes.Length);
        Span<byte> first = stackalloc byte[count];
        bytes.Slice(0, count).CopyTo(first);
        bool matches = first.SequenceEqual(_bytes.AsSpan(0, count));
        isOpen = matches && count < _bytes.Length;
        return matches && !isOpen ? count : 0;
    }
}
