using System.Text;

namespace Sluice.Bench.Redis;

/// <summary>Checks that a caller gets its own value.</summary>
internal static class Check
{
    public static void Same(byte[]? bytes, string value)
    {
        if (!Ascii.Equals(bytes, value))
        {
            throw new InvalidDataException($"'{value}' was stored, and {bytes?.Length} other bytes came back.");
        }
    }
}
