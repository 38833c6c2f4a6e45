namespace Sluice.Diagnostics;

/// <summary>Counts rented buffers, from the first observation on. Before that, the rent of a buffer has no extra cost.</summary>
internal static class BufferCounter
{
    private static volatile bool s_isOn;
    private static long s_rented;

    public static long Observe()
    {
        s_isOn = true;
        return Math.Max(0, Volatile.Read(ref s_rented));
    }

    /// <summary>Counts a rented buffer. True if it was counted: then <see cref="Return"/> must be called for it.</summary>
    public static bool Rent()
    {
        if (!s_isOn)
        {
            return false;
        }

        Interlocked.Increment(ref s_rented);
        return true;
    }

    public static void Return() => Interlocked.Decrement(ref s_rented);
}
