namespace Sluice.Bench.Contenders;

/// <summary>What a handler does for a message of so many bytes, before it echoes it.</summary>
internal static class Work
{
    /// <summary>The size of a message that makes a handler of <see cref="ServerMode.Slow"/> sleep.</summary>
    public const int SleepSize = 1;

    public static readonly TimeSpan Sleep = TimeSpan.FromMilliseconds(50);
    public static readonly TimeSpan Computing = TimeSpan.FromMicroseconds(50);

    /// <summary>Null for nothing.</summary>
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
