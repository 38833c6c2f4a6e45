using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Channels.Buffers;

namespace Sluice;

/// <summary>
/// Formats the interpolated string of <c>output.WriteAsync($"…")</c> as UTF-8, without a string in between. Uses
/// <see cref="CultureInfo.InvariantCulture"/>: the reader is a protocol, not a person.
/// </summary>
[InterpolatedStringHandler]
public struct WriteInterpolatedStringHandler
{
    private const int SmallestBuffer = 256;
    private const int GuessedHoleLength = 16;

    private byte[] _bytes;
    private int _count;

    /// <summary>Creates the handler. Called by compiled code.</summary>
    /// <param name="literalLength">The number of characters outside the holes.</param>
    /// <param name="formattedCount">The number of holes.</param>
    public WriteInterpolatedStringHandler(int literalLength, int formattedCount) =>
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, literalLength + (formattedCount * GuessedHoleLength)));

    /// <summary>Appends the text outside the holes. Called by compiled code.</summary>
    /// <param name="value">The text.</param>
    public void AppendLiteral(string value) => AppendFormatted(value.AsSpan());

    /// <summary>Appends the value of a hole. Called by compiled code.</summary>
    /// <param name="value">The text.</param>
    public void AppendFormatted(string? value) => AppendFormatted(value.AsSpan());

    /// <summary>Appends the value of a hole. Called by compiled code.</summary>
    /// <param name="value">The text.</param>
    public void AppendFormatted(scoped ReadOnlySpan<char> value)
    {
        int written;
        while (!Encoding.UTF8.TryGetBytes(value, _bytes.AsSpan(_count), out written))
        {
            Grow(Encoding.UTF8.GetByteCount(value));
        }

        _count += written;
    }

    /// <summary>Appends the value of a hole. Called by compiled code.</summary>
    /// <param name="utf8">Bytes, which are written unchanged.</param>
    public void AppendFormatted(scoped ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _bytes.Length - _count)
        {
            Grow(utf8.Length);
        }

        utf8.CopyTo(_bytes.AsSpan(_count));
        _count += utf8.Length;
    }

    /// <summary>Appends the value of a hole. Called by compiled code.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    public void AppendFormatted<T>(T value) => AppendFormatted(value, format: null);

    /// <summary>Appends the value of a hole. Called by compiled code.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="format">The format of the value.</param>
    public void AppendFormatted<T>(T value, string? format)
    {
#pragma warning disable IDE0038 // This form of the check does not box a value type.
        if (value is IUtf8SpanFormattable)
#pragma warning restore IDE0038
        {
            int written;
            while (!((IUtf8SpanFormattable)value).TryFormat(_bytes.AsSpan(_count), out written, format, CultureInfo.InvariantCulture))
            {
                Grow(SmallestBuffer);
            }

            _count += written;
        }
        else
        {
            AppendFormatted(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());
        }
    }

    /// <summary>Appends the value of a hole. Called by compiled code.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="alignment">The smallest number of characters: spaces fill it up in front, or behind if this is negative.</param>
    /// <param name="format">The format of the value.</param>
    public void AppendFormatted<T>(T value, int alignment, string? format = null)
    {
        int start = _count;
        AppendFormatted(value, format);
        int padding = Math.Abs(alignment) - Encoding.UTF8.GetCharCount(_bytes, start, _count - start);
        if (padding <= 0)
        {
            return;
        }

        if (padding > _bytes.Length - _count)
        {
            Grow(padding);
        }

        int length = _count - start;
        if (alignment > 0)
        {
            _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + padding));
        }

        _bytes.AsSpan(alignment > 0 ? start : _count, padding).Fill((byte)' ');
        _count += padding;
    }

    /// <summary>Hands over the array with the bytes, which the caller returns to the pool, and their number.</summary>
    internal byte[] Detach(out int count)
    {
        // A default value, and one that was written already, have nothing to write.
        byte[] bytes = _bytes ?? [];
        count = _count;
        _bytes = [];
        _count = 0;
        return bytes;
    }

    private void Grow(int more) => PooledBytes.Grow(ref _bytes, _count, checked(_count + more));
}
