namespace Sluice.Diagnostics;

/// <summary>Counts buffers that are rented, from when somebody first asks: until then, renting one costs nothing more.</summary>
internal static class BufferCounter
{
    private static volatile bool s_isOn;
    private static long s_rented;

    public static long Observe()
    {
        s_isOn = true;
        return Math.Max(0, Volatile.Read(ref s_rented));
    }

    /// <summary>Whether this one counts, and has to be counted back.</summary>
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
