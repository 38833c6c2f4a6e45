using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Channels.Buffers;

namespace Sluice;

/// <summary>
/// What the compiler makes of <c>output.WriteAsync($"…")</c>: UTF-8, formatted without a string in between, and as
/// <see cref="CultureInfo.InvariantCulture"/> has it, since it is a protocol and not a person that reads it.
/// </summary>
[InterpolatedStringHandler]
public struct WriteInterpolatedStringHandler
{
    private const int SmallestBuffer = 256;
    private const int GuessedHoleLength = 16;

    private byte[] _bytes;
    private int _count;

    /// <summary>Called by the compiler.</summary>
    /// <param name="literalLength">How many characters stand outside the holes.</param>
    /// <param name="formattedCount">How many holes there are.</param>
    public WriteInterpolatedStringHandler(int literalLength, int formattedCount) =>
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, literalLength + (formattedCount * GuessedHoleLength)));

    /// <summary>Called by the compiler for what stands outside the holes.</summary>
    /// <param name="value">The text.</param>
    public void AppendLiteral(string value) => AppendFormatted(value.AsSpan());

    /// <summary>Called by the compiler for a hole.</summary>
    /// <param name="value">The text.</param>
    public void AppendFormatted(string? value) => AppendFormatted(value.AsSpan());

    /// <summary>Called by the compiler for a hole.</summary>
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

    /// <summary>Called by the compiler for a hole.</summary>
    /// <param name="utf8">Bytes, to be written as they are.</param>
    public void AppendFormatted(scoped ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _bytes.Length - _count)
        {
            Grow(utf8.Length);
        }

        utf8.CopyTo(_bytes.AsSpan(_count));
        _count += utf8.Length;
    }

    /// <summary>Called by the compiler for a hole.</summary>
    /// <typeparam name="T">What it has.</typeparam>
    /// <param name="value">The value.</param>
    public void AppendFormatted<T>(T value) => AppendFormatted(value, format: null);

    /// <summary>Called by the compiler for a hole.</summary>
    /// <typeparam name="T">What it has.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="format">Its format.</param>
    public void AppendFormatted<T>(T value, string? format)
    {
#pragma warning disable IDE0038 // Asked in this form, a value type is not boxed.
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

    /// <summary>Called by the compiler for a hole.</summary>
    /// <typeparam name="T">What it has.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="alignment">How many characters it has at least: spaces stand before it, or behind it if this is negative.</param>
    /// <param name="format">Its format.</param>
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

    /// <summary>Hands over the array that the bytes are in, and how many they are. It goes back to the pool afterwards.</summary>
    internal byte[] Detach(out int count)
    {
        // One that nobody has made, and one that was written already, have nothing to write.
        byte[] bytes = _bytes ?? [];
        count = _count;
        _bytes = [];
        _count = 0;
        return bytes;
    }

    private void Grow(int more) => PooledBytes.Grow(ref _bytes, _count, checked(_count + more));
}
