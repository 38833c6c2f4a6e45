namespace Sluice.Hosting.Connections;

/// <summary>Creates ids for connections. They are unique in the process, practically unique across restarts, and sort by age.</summary>
internal static class ConnectionIds
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    // Digits of 5 bits each.
    private const int Length = 13;

    private static long s_last = TimeProvider.System.GetUtcNow().Ticks;

    public static string Next() => string.Create(Length, Interlocked.Increment(ref s_last), static (digits, id) =>
    {
        for (int i = Length - 1; i >= 0; i--)
        {
            digits[i] = Digits[(int)(id & 31)];
            id >>>= 5;
        }
    });
}
