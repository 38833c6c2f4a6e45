namespace Sluice.Bench.Contenders;

/// <summary>The work that a handler does for a message of a given size before it echoes it.</summary>
internal static class Work
{
    /// <summary>The message size that makes a handler in mode <see cref="ServerMode.Slow"/> sleep.</summary>
    public const int SleepSize = 1;

    public static readonly TimeSpan Sleep = TimeSpan.FromMilliseconds(50);
    public static readonly TimeSpan Computing = TimeSpan.FromMicroseconds(50);

    /// <summary>Returns the work of a mode; null if there is none.</summary>
    public static Action<int>? Of(ServerMode mode)
    {
        switch (mode)
        {
            case ServerMode.Slow:
                return SleepIfAsked;
            case ServerMode.Compute:
                var computation = new Computation(Computing);
                return _ => computation.Run();
            default:
                return null;
        }
    }

    private static void SleepIfAsked(int size)
    {
        if (size == SleepSize)
        {
            Thread.Sleep(Sleep);
        }
    }
}
