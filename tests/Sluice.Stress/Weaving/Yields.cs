using System.Runtime.InteropServices;

namespace Sluice.Stress.Weaving;

/// <summary>What the woven library calls before and after each step that another thread can see.</summary>
public static class Yields
{
    // One of 64 calls gives the processor away and some wait for up to a microsecond; one of 8,192 sleeps.
    private const uint Rare = 64;
    private const uint VeryRare = 8192;

    [ThreadStatic]
    private static uint s_state;

    private static uint s_seed;

    /// <summary>How many calls there were, about: proof that the library is woven.</summary>
    public static bool WasCalled { get; private set; }

    public static void Begin(int seed) => s_seed = (uint)seed | 1;

    public static void At()
    {
        uint seed = s_seed;
        if (seed == 0)
        {
            return;
        }

        uint state = s_state != 0 ? s_state : (seed * 0x9E3779B9u) ^ ((uint)Environment.CurrentManagedThreadId * 0x85EBCA6Bu) | 1;

        // Xorshift.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        s_state = state;
        if (state % Rare < 4)
        {
            Disturb(state);
        }
    }

    private static void Disturb(uint state)
    {
        WasCalled = true;

        // The call may stand between a system call and the question for its error.
        int errno = Marshal.GetLastSystemError();
        switch (state % Rare)
        {
            case 0 when state / Rare % (VeryRare / Rare) == 0:
                Thread.Sleep(1);
                break;
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.Sleep(0);
                break;
            default:
                Thread.SpinWait((int)(state / Rare % 100));
                break;
        }

        Marshal.SetLastSystemError(errno);
    }
}
