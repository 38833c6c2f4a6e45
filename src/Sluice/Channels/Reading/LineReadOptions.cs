using System.Text;
using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>Specifies how lines are read. Immutable, so that one object serves every connection.</summary>
public sealed class LineReadOptions
{
    /// <summary>Represents the default of <see cref="MaxLength"/>: 65,536 bytes.</summary>
    public const int DefaultMaxLength = 64 * 1024;

    /// <summary>Gets the default options: UTF-8, LF or CR LF, at most <see cref="DefaultMaxLength"/> bytes.</summary>
    public static LineReadOptions Default { get; } = new();

    /// <summary>
    /// Gets the encoding of lines. Its decoder fallback decides about invalid bytes. Default: UTF-8.
    /// </summary>
    public Encoding Encoding
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = Encoding.UTF8;

    /// <summary>Gets the ending of lines. Default: <see cref="LineEnding.Default"/>.</summary>
    public LineEnding Ending
    {
        get;
        init => field = value is LineEnding.Default or LineEnding.Lenient ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>
    /// Gets the most bytes of a line, without its ending. A longer line is a <see cref="LineTooLongException"/>.
    /// Default: <see cref="DefaultMaxLength"/>.
    /// </summary>
    public int MaxLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = DefaultMaxLength;

    /// <summary>
    /// Gets a value indicating whether a last line without an ending is an <see cref="EndOfStreamException"/>, because it may be incomplete.
    /// Default: false, it is returned as a line.
    /// </summary>
    public bool RequireEnding { get; init; }

    /// <summary>
    /// Gets a value indicating whether a byte order mark of <see cref="Encoding"/> (U+FEFF) at the start of the channel is skipped. It does not
    /// count towards <see cref="MaxLength"/>. A mark anywhere else is a character of its line. Default: true.
    /// </summary>
    public bool SkipByteOrderMark { get; init; } = true;

    /// <summary>Gets the mark that is skipped at the start of a channel. Created on first use.</summary>
    internal ByteOrderMark Mark =>
        field ??= SkipByteOrderMark ? ByteOrderMark.Of(Encoding) : ByteOrderMark.None;

    /// <summary>Gets the finder for CR and LF in <see cref="Encoding"/>. Created on first use.</summary>
    internal LineEndingFinder EndingFinder => field ??= new LineEndingFinder(Encoding, Ending);
}
