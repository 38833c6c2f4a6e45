using System.Text;
using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>How lines are read. Immutable, so that one object serves every connection.</summary>
public sealed class LineReadOptions
{
    /// <summary>The default of <see cref="MaxLength"/>: 65,536 bytes.</summary>
    public const int DefaultMaxLength = 64 * 1024;

    /// <summary>UTF-8, LF or CR LF, at most <see cref="DefaultMaxLength"/> bytes.</summary>
    public static LineReadOptions Default { get; } = new();

    /// <summary>
    /// How the bytes of a line become text. Bytes that are not valid in it become what its decoder fallback says. Default: UTF-8.
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

    /// <summary>What ends a line. Default: <see cref="LineEnding.Default"/>.</summary>
    public LineEnding Ending
    {
        get;
        init => field = value is LineEnding.Default or LineEnding.Lenient ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>
    /// The most bytes that a line may have, its ending not counted. A longer one is a <see cref="LineTooLongException"/>.
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
    /// Whether a last line that has no ending is an <see cref="EndOfStreamException"/>: it may have been cut. Default: false, it is a line.
    /// </summary>
    public bool RequireEnding { get; init; }

    /// <summary>
    /// Whether a byte order mark of <see cref="Encoding"/> (U+FEFF) at the very start of the channel is skipped; it does not count towards
    /// <see cref="MaxLength"/>. A mark anywhere else is a character of its line. Default: true.
    /// </summary>
    public bool SkipByteOrderMark { get; init; } = true;

    /// <summary>What is skipped at the start of a channel, made when first asked for.</summary>
    internal ByteOrderMark Mark =>
        field ??= SkipByteOrderMark ? ByteOrderMark.Of(Encoding) : ByteOrderMark.None;

    /// <summary>CR and LF in <see cref="Encoding"/>, made when first asked for.</summary>
    internal LineScanner Scanner => field ??= new LineScanner(Encoding, Ending);
}
