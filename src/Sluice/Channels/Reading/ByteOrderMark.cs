using System.Buffers;
using System.Text;

namespace Sluice.Channels.Reading;

/// <summary>U+FEFF in an encoding: what some programs write at the start of a text to mark its encoding.</summary>
internal sealed class ByteOrderMark
{
    private const string Mark = "\uFEFF";
    private readonly byte[] _bytes;

    private ByteOrderMark(byte[] bytes) => _bytes = bytes;

    /// <summary>Matches nothing.</summary>
    public static ByteOrderMark None { get; } = new([]);

    /// <summary>How many bytes it has; 0 if the encoding cannot express it.</summary>
    public int Length => _bytes.Length;

    /// <summary>The mark of an encoding; <see cref="None"/> if the encoding cannot express it.</summary>
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

    /// <summary>How many bytes of a mark stand at the front: all of them, or none.</summary>
    /// <param name="bytes">The start of the text, as far as it has come.</param>
    /// <param name="isOpen">Whether what has come may become a mark.</param>
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
