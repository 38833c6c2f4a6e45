namespace Sluice.Cli.Connect;

/// <summary>Turns each LF into CR LF, and leaves all other bytes as they are. A line that ends with CR LF stays.</summary>
internal sealed class LineEndings
{
    private bool _afterReturn;

    /// <summary>Converts the next bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="converted">Room for twice as many.</param>
    /// <returns>How many there are now.</returns>
    public int Convert(ReadOnlySpan<byte> bytes, Span<byte> converted)
    {
        int count = 0;
        foreach (byte one in bytes)
        {
            if (one == '\n' && !_afterReturn)
            {
                converted[count++] = (byte)'\r';
            }

            converted[count++] = one;
            _afterReturn = one == '\r';
        }

        return count;
    }
}
